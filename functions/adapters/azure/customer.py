"""The customers' inbox in Cosmos DB."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from functions.adapters.azure import layout
from functions.adapters.azure.items import ExistsError, Items, create


@dataclass(frozen=True)
class CosmosCustomer:
    """A functions.ports.Customer; a message with a known key is not told twice."""

    items: Items

    def tell(self, *, key: str, tenant: str, order_id: str, subject: str) -> None:
        id_ = layout.single("message", key)
        message = create(id_, {"tenant": tenant, "order_id": order_id, "subject": subject})

        def tell_once() -> None:
            with suppress(ExistsError):
                self.items.write(id_, [message])

        self.items.transact(tell_once)
