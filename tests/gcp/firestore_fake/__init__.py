"""A FAKE of Firestore, our own, for tests: a gRPC server that Google's real client talks to.

Nobody offers an honest emulator without Java. This one knows what the adapters ask for and answers UNIMPLEMENTED to
all else. It keeps Firestore's preconditions, its contention, its indexes (functions.adapters.gcp.layout says which
there are) and the limits of ids and documents, by the documentation; it was never compared with the real service.

Of two commits that are under way at once and write one document, the one that is done later is ABORTED, always:
Firestore may also delay it. It has no transactions of several calls, no contention below the level of documents or
by load, no security rules, no delays, and no expiry.
"""

from tests.gcp.firestore_fake.server import FirestoreFake
from tests.gcp.firestore_fake.store import Created

__all__ = ["Created", "FirestoreFake"]
