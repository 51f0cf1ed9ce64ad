"""What a tenant may see of its own orders."""

from __future__ import annotations

from dataclasses import dataclass

from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
from functions.ports import OrderRepository, Page, PagePosition


@dataclass(frozen=True)
class ReadOrders:
    orders: OrderRepository

    def one(self, tenant: str, order_id: str) -> tuple[Order, tuple[Event, ...]]:
        """The order and exactly the events that made it; NotFoundError also for another tenant's."""
        order = self.orders.get(tenant, order_id)
        # Events are only ever added, so those that came between the two reads stand at the end.
        return order, self.orders.timeline(tenant, order_id)[: order.version]

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        return self.orders.page(tenant, status, limit, after)
