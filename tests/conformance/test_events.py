"""What every target's event publisher promises."""

from __future__ import annotations

import pytest

from functions.codec import decode_event
from functions.domain.order import Line
from tests.conformance.worlds import HIGH_VALUE_MINOR, Target
from tests.unit.functions.orders import NOON, TEAPOTS, placed


def test_events_reach_the_bus_in_order_as_they_are(target: Target) -> None:
    order, first = placed()
    _, second = order.reserve(NOON)
    target.publisher.publish(first + second)
    assert [decode_event(each.body) for each in target.published()] == [*first, *second]
    assert [each.id for each in target.published()] == [f"{order.order_id}:1", f"{order.order_id}:2"]


def test_rules_can_match_on_the_type_tenant_total_and_currency(target: Target) -> None:
    _, events = placed(TEAPOTS, currency="GBP", tenant="acme")
    target.publisher.publish(events)
    assert target.published()[0].attributes == {
        "event_type": "order.placed",
        "tenant": "acme",
        "tier": "standard",
        "total_minor": 3998,
        "currency": "GBP",
    }


@pytest.mark.parametrize(
    ("total_minor", "tier"), [(0, "standard"), (HIGH_VALUE_MINOR, "standard"), (HIGH_VALUE_MINOR + 1, "high")]
)
def test_a_total_above_the_threshold_is_of_the_high_tier(target: Target, total_minor: int, tier: str) -> None:
    _, events = placed(Line(sku="TEAPOT", quantity=1, unit_price_minor=total_minor))
    target.publisher.publish(events)
    assert target.published()[0].attributes["tier"] == tier
