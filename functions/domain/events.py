"""What happened to an order, in order: the facts that the order's state is folded from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Scalar: TypeAlias = str | int | bool | None
Json: TypeAlias = Scalar | list["Json"] | dict[str, "Json"]


class EventType(StrEnum):
    """The wire names; rules and filters match on them, so a name never changes once published."""

    PLACED = "order.placed"
    RESERVED = "order.reserved"
    PAYMENT_STARTED = "order.payment_started"
    PAID = "order.paid"
    PAYMENT_DECLINED = "order.payment_declined"
    STOCK_COMMITTED = "order.stock_committed"
    CONFIRMATION_SENT = "order.confirmation_sent"
    WAREHOUSE_NOTIFIED = "order.warehouse_notified"
    FULFILLED = "order.fulfilled"
    UNDOING_STARTED = "order.undoing_started"
    RELEASED = "order.released"
    REFUNDED = "order.refunded"
    RESTOCKED = "order.restocked"
    SHIPMENT_CANCELLED = "order.shipment_cancelled"
    COMPENSATION_FAILED = "order.compensation_failed"
    REJECTED = "order.rejected"
    FAILED = "order.failed"
    CANCELLED = "order.cancelled"
    EXPIRED = "order.expired"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact about one order; `version` counts an order's events from 1 without a gap.

    Every event carries the order's total and currency, because rules and filters see nothing but the event.
    """

    order_id: str
    tenant: str
    version: int
    type: EventType
    occurred_at: datetime
    total_minor: int
    currency: str
    details: Mapping[str, Json] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for every delivery of this event, so consumers recognise duplicates."""
        return f"{self.order_id}:{self.version}"
