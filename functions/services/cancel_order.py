"""Cancel an order while its payment has not begun; what was reserved for it, the saga gives back."""

from __future__ import annotations

from dataclasses import dataclass

from functions.domain.order import Order
from functions.services.order_changes import OrderChanges


@dataclass(frozen=True)
class CancelOrder:
    changes: OrderChanges

    def __call__(self, tenant: str, order_id: str) -> Order:
        """Raises NotCancellableError or NotFoundError; cancelling once more changes nothing."""
        return self.changes.apply(tenant, order_id, lambda order, now: order.cancel(now))
