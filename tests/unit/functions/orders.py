"""Orders to test with."""

from __future__ import annotations

from datetime import UTC, datetime

from functions.domain.ids import order_id
from functions.domain.order import Change, Line, Order, place

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
TEAPOTS = Line(sku="TEAPOT", quantity=2, unit_price_minor=1999)
CUPS = Line(sku="CUP", quantity=6, unit_price_minor=350)


def placed(
    *lines: Line,
    tenant: str = "acme",
    at: datetime = NOON,
    payment_method: str = "sandbox-approve",
    currency: str = "EUR",
) -> Change:
    """A new order, of two teapots unless it says otherwise."""
    return place(
        order_id=order_id(at),
        tenant=tenant,
        currency=currency,
        lines=lines or (TEAPOTS,),
        payment_method=payment_method,
        now=at,
    )


def an_order(*lines: Line) -> Order:
    return placed(*lines)[0]
