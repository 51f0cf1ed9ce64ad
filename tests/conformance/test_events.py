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
    expected = {"event_type": "order.placed", "tenant": "acme", "total_minor": 3998, "currency": "GBP"}
    assert target.published()[0].attributes.items() >= expected.items()


@pytest.mark.parametrize(
    ("total_minor", "is_high"), [(0, False), (HIGH_VALUE_MINOR, False), (HIGH_VALUE_MINOR + 1, True)]
)
def test_a_rule_can_pick_out_the_totals_above_the_threshold(target: Target, total_minor: int, is_high: bool) -> None:
    _, events = placed(Line(sku="TEAPOT", quantity=1, unit_price_minor=total_minor))
    target.publisher.publish(events)
    assert target.high_values() == [event.id for event in events if is_high]


def test_more_events_than_one_call_takes_arrive_all(target: Target) -> None:
    events = [event for _ in range(23) for event in placed()[1]]
    target.publisher.publish(events)
    assert [each.id for each in target.published()] == [event.id for event in events]


def test_events_that_are_large_together_arrive_all(target: Target) -> None:
    lines = [Line(sku=f"{number:02}-{'X' * 60}", quantity=1000, unit_price_minor=100_000_000) for number in range(99)]
    events = [event for _ in range(20) for event in placed(*lines)[1]]
    target.publisher.publish(events)
    assert [each.id for each in target.published()] == [event.id for event in events]


def test_nothing_to_publish_is_nothing_to_do(target: Target) -> None:
    target.publisher.publish([])
    assert target.published() == []
