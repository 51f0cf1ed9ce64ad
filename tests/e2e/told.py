"""What the operators are told of a large order: the same words on every target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace

from functions.domain.events import Json
from functions.domain.order import Line
from functions.services.notify_ops import NotifyOps
from tests.unit.functions.orders import placed

LARGE = Line(sku="GRANDFATHER-CLOCK", quantity=1, unit_price_minor=200_000)
LARGE_ITEMS: Sequence[Mapping[str, Json]] = [
    {"sku": LARGE.sku, "quantity": LARGE.quantity, "unit_price_minor": LARGE.unit_price_minor}
]
"""As a client orders it."""


def told_on_every_target(order_id: str) -> Mapping[str, Json]:
    """By the service that tells them where a function does."""
    told: list[Mapping[str, Json]] = []
    channel = SimpleNamespace(notify=lambda *, key, message: told.append(message))
    _, (event,) = placed(LARGE, tenant="ours")
    NotifyOps(channel)(replace(event, order_id=order_id))
    return told[0]
