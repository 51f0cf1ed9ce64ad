"""The order: what may happen to it and when.

PLACED -> RESERVED -> PAID -> FULFILLED, or REJECTED, FAILED, CANCELLED, EXPIRED. Every change is an event; the state
is the fold of the events. Each method that changes an order returns the order after the change together with the new
events; a change that has already happened returns no event, so that a retried step is harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import TypeAlias

from functions.domain.errors import NotCancellableError, NotOpenError, RejectedError
from functions.domain.events import Event, EventType, Json


class OrderStatus(StrEnum):
    PLACED = "PLACED"
    RESERVED = "RESERVED"
    PAID = "PAID"
    FULFILLED = "FULFILLED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"

    @property
    def is_end(self) -> bool:
        return self in _ENDS


_ENDS = frozenset(
    {
        OrderStatus.FULFILLED,
        OrderStatus.REJECTED,
        OrderStatus.FAILED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
    }
)

_STATUS_AFTER = {
    EventType.PLACED: OrderStatus.PLACED,
    EventType.RESERVED: OrderStatus.RESERVED,
    EventType.PAID: OrderStatus.PAID,
    EventType.FULFILLED: OrderStatus.FULFILLED,
    EventType.REJECTED: OrderStatus.REJECTED,
    EventType.FAILED: OrderStatus.FAILED,
    EventType.CANCELLED: OrderStatus.CANCELLED,
    EventType.EXPIRED: OrderStatus.EXPIRED,
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One article of an order; prices are whole minor units of the currency (cents for EUR)."""

    sku: str
    quantity: int
    unit_price_minor: int

    @property
    def total_minor(self) -> int:
        return self.quantity * self.unit_price_minor


@dataclass(frozen=True, kw_only=True)
class ShopRules:
    """What a shop sells: an order outside of it is accepted, looked at and REJECTED with the reason."""

    currencies: frozenset[str]
    max_total_minor: int


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as the fold of its first `version` events."""

    order_id: str
    tenant: str
    status: OrderStatus
    version: int
    currency: str
    lines: tuple[Line, ...]
    payment_method: str
    placed_at: datetime
    updated_at: datetime
    payment_started: bool = False
    reason: str | None = None

    @property
    def total_minor(self) -> int:
        return sum(line.total_minor for line in self.lines)

    @property
    def is_cancellable(self) -> bool:
        """True until payment begins: from then on money may have moved, and only the saga may undo that."""
        return self.status in (OrderStatus.PLACED, OrderStatus.RESERVED) and not self.payment_started

    def check(self, rules: ShopRules) -> None:
        """Refuse, with the reason, an order that this shop does not sell or that is no longer open."""
        self._require_open()
        if self.currency not in rules.currencies:
            raise RejectedError(
                f"currency {self.currency} is not sold here; use one of {', '.join(sorted(rules.currencies))}"
            )
        if self.total_minor > rules.max_total_minor:
            raise RejectedError(
                f"total {self.total_minor} is above the {rules.max_total_minor} that one order may cost"
            )

    def reserve(self, now: datetime) -> Change:
        if self.status is not OrderStatus.PLACED:
            return self._already(OrderStatus.RESERVED, OrderStatus.PAID, OrderStatus.FULFILLED)
        return self.record(EventType.RESERVED, now)

    def start_payment(self, now: datetime) -> Change:
        """After this the order can no longer be cancelled, so a charge never races a cancellation."""
        if self.payment_started:
            return self._already(OrderStatus.RESERVED, OrderStatus.PAID, OrderStatus.FULFILLED)
        self._require(OrderStatus.RESERVED)
        return self.record(EventType.PAYMENT_STARTED, now)

    def pay(self, payment_id: str, now: datetime) -> Change:
        if self.status is not OrderStatus.RESERVED:
            return self._already(OrderStatus.PAID, OrderStatus.FULFILLED)
        return self.record(EventType.PAID, now, {"payment_id": payment_id})

    def fulfil(self, now: datetime) -> Change:
        if self.status is not OrderStatus.PAID:
            return self._already(OrderStatus.FULFILLED)
        return self.record(EventType.FULFILLED, now)

    def end(self, how: EventType, reason: str, now: datetime) -> Change:
        """End an open order as REJECTED, FAILED or EXPIRED; an order that has ended keeps its end."""
        if self.status.is_end:
            return self, ()
        return self.record(how, now, {"reason": reason})

    def cancel(self, now: datetime) -> Change:
        if self.status is OrderStatus.CANCELLED:
            return self, ()
        if not self.is_cancellable:
            why = "its payment has begun" if not self.status.is_end else f"it is {self.status}"
            raise NotCancellableError(f"order {self.order_id} cannot be cancelled: {why}")
        return self.record(EventType.CANCELLED, now)

    def record(self, type_: EventType, now: datetime, details: Mapping[str, Json] | None = None) -> Change:
        """Append one fact; facts that change no status (a refund, say) may follow an order's end."""
        event = Event(
            order_id=self.order_id,
            tenant=self.tenant,
            version=self.version + 1,
            type=type_,
            occurred_at=now,
            details=details or {},
        )
        return apply(self, event), (event,)

    def _already(self, *statuses: OrderStatus) -> Change:
        self._require(*statuses)
        return self, ()

    def _require(self, *statuses: OrderStatus) -> None:
        if self.status not in statuses:
            raise NotOpenError(f"order {self.order_id} is {self.status}, not {' or '.join(statuses)}")

    def _require_open(self) -> None:
        if self.status.is_end:
            raise NotOpenError(f"order {self.order_id} is {self.status} already")


Change: TypeAlias = tuple[Order, tuple[Event, ...]]


def place(
    *,
    order_id: str,
    tenant: str,
    currency: str,
    lines: tuple[Line, ...],
    payment_method: str,
    now: datetime,
) -> Change:
    """A new order and its first event, which carries all that is needed to rebuild the order."""
    event = Event(
        order_id=order_id,
        tenant=tenant,
        version=1,
        type=EventType.PLACED,
        occurred_at=now,
        details={
            "currency": currency,
            "lines": [
                {"sku": line.sku, "quantity": line.quantity, "unit_price_minor": line.unit_price_minor}
                for line in lines
            ],
            "payment_method": payment_method,
            "total_minor": sum(line.total_minor for line in lines),
        },
    )
    order = Order(
        order_id=order_id,
        tenant=tenant,
        status=OrderStatus.PLACED,
        version=1,
        currency=currency,
        lines=lines,
        payment_method=payment_method,
        placed_at=now,
        updated_at=now,
    )
    return order, (event,)


def apply(order: Order, event: Event) -> Order:
    """The order after the event; events apply in version order, without a gap."""
    if event.version != order.version + 1:
        raise ValueError(f"order {order.order_id} is at version {order.version}: event {event.id} does not follow it")
    reason = event.details.get("reason")
    return replace(
        order,
        status=_STATUS_AFTER.get(event.type, order.status),
        version=event.version,
        updated_at=event.occurred_at,
        payment_started=order.payment_started or event.type is EventType.PAYMENT_STARTED,
        reason=reason if isinstance(reason, str) else order.reason,
    )


def replay(placed: Order, events: Iterable[Event]) -> Order:
    """Fold the events that follow an order's first."""
    return reduce(apply, events, placed)
