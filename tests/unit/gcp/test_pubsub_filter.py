"""Pub/Sub's filters: what the service takes, and what passes."""

from __future__ import annotations

import pytest

from tests.gcp.pubsub_filter import FilterError, parsed

PLACED = {"event_type": "order.placed", "tier": "high"}


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ('attributes.event_type = "order.placed"', True),
        ('attributes.event_type = "order.paid"', False),
        ('attributes.event_type != "order.paid"', True),
        ("attributes:tier", True),
        ("attributes:tenant", False),
        ("NOT attributes:tenant", True),
        ('hasPrefix(attributes.event_type, "order.")', True),
        ('hasPrefix(attributes.tenant, "")', False),
        ('attributes.event_type = "order.placed" AND attributes.tier = "standard"', False),
        ('attributes.event_type = "order.paid" OR attributes.tier = "high"', True),
        ('(attributes:tenant OR attributes:tier) AND NOT attributes.tier = "standard"', True),
    ],
)
def test_a_filter_lets_through_what_the_service_lets_through(text: str, passes: bool) -> None:
    assert parsed(text)(PLACED) is passes


@pytest.mark.parametrize(
    "text",
    [
        "attributes.total_minor > 5",
        "attributes.total_minor = 5",
        'data.total = "5"',
        'attributes.a = "1" AND attributes.b = "2" OR attributes.c = "3"',
        'attributes.a = "1" and attributes.b = "2"',
        "attributes.a",
        'attributes.a = "1',
        '(attributes.a = "1"',
        f'attributes.a = "{"x" * 300}"',
    ],
)
def test_a_filter_that_the_service_refuses_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        parsed(text)
