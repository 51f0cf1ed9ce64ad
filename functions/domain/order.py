"""The order: what may happen to it and when.

PLACED -> RESERVED -> PAID -> FULFILLED, or REJECTED, FAILED, CANCELLED, EXPIRED. Every change is an event; the state
is the fold of the events. Each method that changes an order returns the order after the change together with the new
events; a change that has already happened returns no event, so that a retried step is harmless. What was undone cannot
happen any more, so that a step which lands after its compensation is refused.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import reduce
from typing import Any, TypeAlias

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

_UNDONE_BY = {
    EventType.RESERVED: {EventType.RELEASED},
    EventType.PAID: {EventType.REFUNDED},
    EventType.STOCK_COMMITTED: {EventType.RESTOCKED},
    EventType.WAREHOUSE_NOTIFIED: {EventType.SHIPMENT_CANCELLED},
    EventType.FULFILLED: {
        EventType.UNDOING_STARTED,
        EventType.RELEASED,
        EventType.REFUNDED,
        EventType.RESTOCKED,
        EventType.SHIPMENT_CANCELLED,
    },
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


def units_by_sku(lines: Iterable[Line]) -> Counter[str]:
    """An order may name an article in several lines."""
    units = Counter[str]()
    for line in lines:
        units[line.sku] += line.quantity
    return units


@dataclass(frozen=True, kw_only=True)
class ShopRules:
    """What a shop sells: an order outside of it is accepted, looked at and REJECTED with the reason."""

    currencies: frozenset[str]
    max_total_minor: int


@dataclass(frozen=True, kw_only=True)
class Order:
    """An order as the fold of its first `version` events; `reason` is why it ended, if it did not end well."""

    order_id: str
    tenant: str
    status: OrderStatus
    version: int
    currency: str
    lines: tuple[Line, ...]
    payment_method: str
    placed_at: datetime
    updated_at: datetime
    happened: frozenset[str] = frozenset()
    """The types of its events; a failed compensation also names its step."""
    reason: str | None = None

    @property
    def total_minor(self) -> int:
        return sum(line.total_minor for line in self.lines)

    @property
    def payment_started(self) -> bool:
        return EventType.PAYMENT_STARTED in self.happened

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
        return self._append(EventType.RESERVED, now)

    def start_payment(self, now: datetime) -> Change:
        """After this the order can no longer be cancelled, so a charge never races a cancellation."""
        if self.payment_started:
            return self._already(OrderStatus.RESERVED, OrderStatus.PAID, OrderStatus.FULFILLED)
        self._require(OrderStatus.RESERVED)
        return self._append(EventType.PAYMENT_STARTED, now)

    def pay(self, payment_id: str, now: datetime) -> Change:
        if self.status is not OrderStatus.RESERVED:
            return self._already(OrderStatus.PAID, OrderStatus.FULFILLED)
        if not self.payment_started:
            raise NotOpenError(f"order {self.order_id} cannot be paid: its payment was never begun")
        return self._append(EventType.PAID, now, {"payment_id": payment_id})

    def decline(self, message: str, now: datetime) -> Change:
        """Record that the payment was declined; an order that does not wait for it (any more) is left as it is."""
        if self.status is not OrderStatus.RESERVED or not self.payment_started:
            return self, ()
        return self._append(EventType.PAYMENT_DECLINED, now, {"message": message})

    def deliver(self, type_: EventType, now: datetime, details: Mapping[str, Json] | None = None) -> Change:
        """Record one part of fulfilling a paid order; refused for any other, or once that part was undone."""
        self._require(OrderStatus.PAID, OrderStatus.FULFILLED)
        return self.record(type_, now, details)

    def fulfil(self, now: datetime) -> Change:
        if self.status is not OrderStatus.PAID:
            return self._already(OrderStatus.FULFILLED)
        return self._append(EventType.FULFILLED, now)

    def start_undoing(self, now: datetime) -> Change:
        """After this the order can no longer be fulfilled; a fulfilled one is left as it is."""
        if self.status is OrderStatus.FULFILLED:
            return self, ()
        return self.record(EventType.UNDOING_STARTED, now)

    def end(self, how: EventType, reason: str, now: datetime, details: Mapping[str, Json] | None = None) -> Change:
        """End an open order as REJECTED or FAILED; an order that has ended keeps its end."""
        if how not in (EventType.REJECTED, EventType.FAILED):
            raise ValueError(f"{how} does not end an order from outside: use order.rejected or order.failed")
        if self.status.is_end:
            return self, ()
        return self._append(how, now, {**(details or {}), "reason": reason})

    def expire(self, reason: str, now: datetime) -> Change:
        """End an order that nothing has happened to; any other is left as it is."""
        if self.status is not OrderStatus.PLACED:
            return self, ()
        return self._append(EventType.EXPIRED, now, {"reason": reason})

    def cancel(self, now: datetime) -> Change:
        if self.status is OrderStatus.CANCELLED:
            return self, ()
        if not self.is_cancellable:
            why = "its payment has begun" if not self.status.is_end else f"it is {self.status}"
            raise NotCancellableError(f"order {self.order_id} cannot be cancelled: {why}")
        return self._append(EventType.CANCELLED, now)

    def record(self, type_: EventType, now: datetime, details: Mapping[str, Json] | None = None) -> Change:
        """Append, once, a fact that changes no status; such facts (a refund, say) may follow an order's end."""
        if type_ in _STATUS_AFTER:
            raise ValueError(f"{type_} changes the order's status: use the method that checks whether it may happen")
        return self._append(type_, now, details)

    def _append(self, type_: EventType, now: datetime, details: Mapping[str, Json] | None = None) -> Change:
        event = Event(
            order_id=self.order_id,
            tenant=self.tenant,
            version=self.version + 1,
            type=type_,
            occurred_at=now,
            total_minor=self.total_minor,
            currency=self.currency,
            details=details or {},
        )
        if _mark(event) in self.happened:
            return self, ()
        if undone := _UNDONE_BY.get(type_, set()) & self.happened:
            raise NotOpenError(f"order {self.order_id} has seen {' and '.join(sorted(undone))}: {type_} is too late")
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
    total_minor = sum(line.total_minor for line in lines)
    event = Event(
        order_id=order_id,
        tenant=tenant,
        version=1,
        type=EventType.PLACED,
        occurred_at=now,
        total_minor=total_minor,
        currency=currency,
        details={
            "currency": currency,
            "lines": [asdict(line) for line in lines],
            "payment_method": payment_method,
            "total_minor": total_minor,
        },
    )
    return replay((event,)), (event,)


def apply(order: Order, event: Event) -> Order:
    """The order after the event; events apply in version order, without a gap."""
    if event.version != order.version + 1:
        raise ValueError(f"order {order.order_id} is at version {order.version}: event {event.id} does not follow it")
    status = _STATUS_AFTER.get(event.type, order.status)
    reason = event.details.get("reason")
    return replace(
        order,
        status=status,
        version=event.version,
        updated_at=event.occurred_at,
        happened=order.happened | {_mark(event)},
        reason=reason if status.is_end and not order.status.is_end and isinstance(reason, str) else order.reason,
    )


def replay(events: Iterable[Event]) -> Order:
    """The order that all of its events make, the first of which is order.placed."""
    first, *later = events
    return reduce(apply, later, _placed(first))


def _placed(event: Event) -> Order:
    if event.type is not EventType.PLACED or event.version != 1:
        raise ValueError(f"event {event.id} is {event.type}: an order begins with order.placed at version 1")
    details: Any = event.details
    return Order(
        order_id=event.order_id,
        tenant=event.tenant,
        status=OrderStatus.PLACED,
        version=1,
        currency=event.currency,
        lines=tuple(Line(**line) for line in details["lines"]),
        payment_method=details["payment_method"],
        placed_at=event.occurred_at,
        updated_at=event.occurred_at,
        happened=frozenset({_mark(event)}),
    )


def _mark(event: Event) -> str:
    """What tells a fact from a second telling of it."""
    if event.type is EventType.COMPENSATION_FAILED:
        return f"{event.type}:{event.details.get('step')}"
    return event.type
