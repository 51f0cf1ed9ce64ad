"""End the orders that nothing has happened to for too long."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.domain.errors import VersionConflictError
from functions.domain.order import Change, Order, OrderStatus
from functions.services.order_changes import OrderChanges

PAGE = 100
logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ExpireOrders:
    changes: OrderChanges
    after_hours: int

    def __call__(self, now: datetime) -> int:
        """How many expired; orders that have got anywhere are left alone. Also drops idempotency keys that are over."""
        self.changes.orders.forget_keys(now)
        placed_before = now - timedelta(hours=self.after_hours)
        expired = 0
        while stale := self.changes.orders.stale(OrderStatus.PLACED, placed_before, PAGE):
            progress = self._expire(stale)
            expired += progress
            if not progress:
                break  # somebody is busy with all of these; the next tick sees what became of them
        logger.info("stale orders expired", extra={"expired": expired})
        return expired

    def _expire(self, orders: Sequence[Order]) -> int:
        return sum(self._expire_one(order) for order in orders)

    def _expire_one(self, order: Order) -> bool:
        try:
            after = self.changes.apply(order.tenant, order.order_id, self._decide)
        except VersionConflictError:
            return False
        return after.status is OrderStatus.EXPIRED

    def _decide(self, order: Order, now: datetime) -> Change:
        return order.expire(f"nothing happened to it for {self.after_hours} hours", now)
