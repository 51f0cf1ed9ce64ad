"""A FAKE of Cosmos DB, our own, for tests: the REST of its data plane, which Microsoft's real client talks to.

Nobody offers an emulator without a container. This one knows what the adapters ask for and answers 501 to all else. It
keeps batches (all or none, up to 100 operations, in one partition), ETags, conditions of patches, the expiry of items
by a clock of its own, the limits of ids, items and batches, and what is indexed (functions.adapters.azure.layout says
so), all by the documentation; it was never compared with the real service. It is as consistent as a Strong account,
charges nothing, splits no partition, and has two physical ones, so that the client has something to merge.

Two things are assumed, because no document says how they are: that a batch takes the rights of the operations in it, a
patch that of replacing an item; and that an item which has expired is in no create's way, deleted or not.
"""

from tests.azure.cosmos_fake.server import CosmosFake
from tests.azure.cosmos_fake.store import Changed

__all__ = ["Changed", "CosmosFake"]
