"""The one place where orders are read, changed and appended to, and where somebody else's append is lived with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from functions.domain.errors import VersionConflictError
from functions.domain.order import Change, Order
from functions.ports import Clock, OrderRepository

ATTEMPTS = 5
"""The parallel part of the saga has three writers, each of which lets another one through at every conflict."""

Decide: TypeAlias = Callable[[Order, datetime], Change]


@dataclass(frozen=True, kw_only=True)
class OrderChanges:
    orders: OrderRepository
    clock: Clock

    def apply(self, tenant: str, order_id: str, decide: Decide) -> Order:
        """Store what `decide` makes of the order; on a conflict it decides again, on the order as it is by then.

        Raises what `decide` raises, NotFoundError, and VersionConflictError after ATTEMPTS conflicts.
        """
        for _ in range(ATTEMPTS - 1):
            try:
                return self._try(tenant, order_id, decide)
            except VersionConflictError:
                continue
        return self._try(tenant, order_id, decide)

    def check(self, tenant: str, order_id: str, decide: Decide) -> Order:
        """The order as it is; raises what `decide` raises for it. Asked before something is done in the world."""
        order = self.orders.get(tenant, order_id)
        decide(order, self.clock.now())
        return order

    def _try(self, tenant: str, order_id: str, decide: Decide) -> Order:
        order, events = decide(self.orders.get(tenant, order_id), self.clock.now())
        if events:
            self.orders.append(order, events)
        return order
