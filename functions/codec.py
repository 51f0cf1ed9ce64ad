"""Events and orders as JSON bytes and back; the wire form of an event is the same on every bus, topic, queue and feed.

{id, type, order_id, tenant, version, occurred_at, details, total_minor, currency}, with `occurred_at` in RFC 3339, UTC,
milliseconds and Z.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from functions import structs
from functions.domain.errors import PermanentError
from functions.domain.events import Event, EventType
from functions.domain.order import Line, Order, OrderStatus


class MalformedError(PermanentError):
    """The bytes are not what they should be, and will not be so the next time."""

    code = "malformed"


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    type: EventType
    order_id: str
    tenant: str
    version: int
    occurred_at: str
    details: dict[str, Any]
    total_minor: int
    currency: str


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    sku: str
    quantity: int
    unit_price_minor: int


class _Order(msgspec.Struct, frozen=True, kw_only=True):
    order_id: str
    tenant: str
    status: OrderStatus
    version: int
    currency: str
    lines: list[_Line]
    payment_method: str
    placed_at: str
    updated_at: str
    happened: list[str]
    reason: str | None


def encode_event(event: Event) -> bytes:
    return msgspec.json.encode(
        _Event(
            id=event.id,
            type=event.type,
            order_id=event.order_id,
            tenant=event.tenant,
            version=event.version,
            occurred_at=moment_text(event.occurred_at),
            details=dict(event.details),
            total_minor=event.total_minor,
            currency=event.currency,
        )
    )


def decode_event(body: bytes) -> Event:
    """Raises MalformedError; fields that a later version may add are passed over."""
    wire = _decoded(body, _Event, "event")
    return Event(
        order_id=wire.order_id,
        tenant=wire.tenant,
        version=wire.version,
        type=wire.type,
        occurred_at=_moment(wire.occurred_at),
        total_minor=wire.total_minor,
        currency=wire.currency,
        details=wire.details,
    )


def encode_order(order: Order) -> bytes:
    return msgspec.json.encode(
        _Order(
            order_id=order.order_id,
            tenant=order.tenant,
            status=order.status,
            version=order.version,
            currency=order.currency,
            lines=[_line(line) for line in order.lines],
            payment_method=order.payment_method,
            placed_at=moment_text(order.placed_at),
            updated_at=moment_text(order.updated_at),
            happened=sorted(order.happened),
            reason=order.reason,
        )
    )


def decode_order(body: bytes) -> Order:
    """Raises MalformedError."""
    stored = _decoded(body, _Order, "order")
    return Order(
        order_id=stored.order_id,
        tenant=stored.tenant,
        status=stored.status,
        version=stored.version,
        currency=stored.currency,
        lines=_plain_lines(stored.lines),
        payment_method=stored.payment_method,
        placed_at=_moment(stored.placed_at),
        updated_at=_moment(stored.updated_at),
        happened=frozenset(stored.happened),
        reason=stored.reason,
    )


def encode_lines(lines: Sequence[Line]) -> bytes:
    return msgspec.json.encode([_line(line) for line in lines])


def decode_lines(body: bytes) -> tuple[Line, ...]:
    """Raises MalformedError."""
    return _plain_lines(_decoded(body, list[_Line], "list of lines"))


def attributes(event: Event, high_value_minor: int) -> dict[str, str | int]:
    """What rules and filters may match on; `tier` is for targets whose filters cannot compare numbers."""
    return {
        "event_type": event.type.value,
        "tenant": event.tenant,
        "tier": "high" if event.total_minor > high_value_minor else "standard",
        "total_minor": event.total_minor,
        "currency": event.currency,
    }


def attribute_texts(event: Event, high_value_minor: int) -> dict[str, str]:
    """For buses whose messages have attributes of text alone."""
    return {name: str(value) for name, value in attributes(event, high_value_minor).items()}


def archive_key(event_id: str, occurred_at: datetime) -> str:
    """Where an archive keeps an event: by day, so that a query over some days reads no others."""
    return f"{occurred_at.astimezone(UTC):%Y/%m/%d}/{event_id.replace(':', '-')}.json"


def _decoded(body: bytes, type_: Any, what: str) -> Any:  # noqa: ANN401 -- an instance of `type_`
    try:
        return structs.decode(body, type_)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"this is no {what} of ours: {error}") from None


def _line(line: Line) -> _Line:
    return _Line(sku=line.sku, quantity=line.quantity, unit_price_minor=line.unit_price_minor)


def _plain_lines(lines: list[_Line]) -> tuple[Line, ...]:
    return tuple(Line(sku=line.sku, quantity=line.quantity, unit_price_minor=line.unit_price_minor) for line in lines)


def moment_text(moment: datetime) -> str:
    """As everywhere in the system: RFC 3339, UTC, milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise MalformedError(f"{text!r} is no moment: it has to look like 2026-01-02T12:00:00.000Z") from None
