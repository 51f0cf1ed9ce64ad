"""A FAKE of Firestore, our own, for tests: a gRPC server that Google's real client talks to.

Nobody offers an honest emulator without Java. This one knows what the adapters ask for and answers UNIMPLEMENTED to
all else. It keeps Firestore's optimistic concurrency (a transaction commits if nothing that it read has changed, and
is ABORTED otherwise), its preconditions, its indexes (functions.adapters.gcp.layout says which there are) and the
limits of ids and documents, by the documentation; it was never compared with the real service. It has no pessimistic
locks, no contention below the level of documents, no security rules, no delays, and no expiry.
"""

from tests.gcp.firestore_fake.server import FirestoreFake
from tests.gcp.firestore_fake.store import Created

__all__ = ["Created", "FirestoreFake"]
