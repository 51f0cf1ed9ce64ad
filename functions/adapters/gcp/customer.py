"""The customers' inbox in Firestore."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from functions.adapters.gcp import layout
from functions.adapters.gcp.documents import Documents, ExistsError, create


@dataclass(frozen=True)
class FirestoreCustomer:
    """A functions.ports.Customer; a message with a known key is not told twice."""

    documents: Documents

    def tell(self, *, key: str, tenant: str, order_id: str, subject: str) -> None:
        message = create(
            layout.single(layout.MESSAGES, key), {"tenant": tenant, "order_id": order_id, "subject": subject}
        )

        def tell_once(documents: Documents) -> None:
            with suppress(ExistsError):
                documents.commit([message])

        self.documents.transact(tell_once)
