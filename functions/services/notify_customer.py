"""Tell the customer what became of the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.domain.events import Event, EventType
from functions.ports import Customer

SUBJECTS: Mapping[EventType, str] = {
    EventType.FULFILLED: "Your order is on its way",
    EventType.REJECTED: "We cannot take your order",
    EventType.FAILED: "Your order could not be fulfilled",
    EventType.CANCELLED: "Your order is cancelled",
    EventType.EXPIRED: "Your order has expired",
}
"""Every way in which an order ends; the confirmation is the saga's own step."""


@dataclass(frozen=True)
class NotifyCustomer:
    customer: Customer

    def __call__(self, event: Event) -> None:
        subject = SUBJECTS.get(event.type)
        if subject is not None:
            self.customer.tell(key=event.id, tenant=event.tenant, order_id=event.order_id, subject=subject)
