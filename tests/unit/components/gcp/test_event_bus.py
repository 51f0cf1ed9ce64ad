"""The bus is a topic; a rule to a queue is a subscription with a filter, and a total is a tier."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from components.errors import WiringError
from components.event_bus import EventBus, EventBusArgs, Pattern
from components.function import Function
from components.queue import Queue
from components.topic import Topic, TopicArgs
from functions.codec import attributes
from functions.domain.events import Event, EventType
from tests.graph import Graph
from tests.unit.components.gcp.members import May, may
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

THRESHOLD = {"high_value_threshold_minor": 5_000}


def ruled(where: Pattern, **settings: object) -> Graph:
    def wire(make: Make) -> None:
        queue, bus = make(Queue, "parcels", QUEUE), make(EventBus, "facts", EventBusArgs())
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=3)))
        make(Function, "tells", function_args(bus.publisher()))
        bus.rule("all", where=where, to=queue)

    return made_alone("gcp", wire, **settings)


def filtered(where: Pattern) -> str | None:
    found: str | None = ruled(where, orders=THRESHOLD).one("pubsub.Subscription", "all").inputs.get("filter")
    return found


@pytest.mark.parametrize(
    ("where", "written"),
    [
        (Pattern(), None),
        (Pattern(event_types=("order.placed",)), 'attributes.event_type = "order.placed"'),
        (Pattern(total_minor_above=5_000), 'attributes.tier = "high"'),
        (
            Pattern(event_types=("order.placed",), total_minor_above=5_000),
            '(attributes.event_type = "order.placed") AND (attributes.tier = "high")',
        ),
    ],
)
def test_a_rule_is_a_filter_of_what_the_publisher_wrote(where: Pattern, written: str | None) -> None:
    assert filtered(where) == written


def test_a_threshold_that_the_publisher_does_not_know_is_refused() -> None:
    """Pub/Sub compares no numbers."""
    with pytest.raises(
        WiringError, match=r"a total can only be above orders\.high_value_threshold_minor, 5000, and not"
    ):
        ruled(Pattern(total_minor_above=4_999), orders=THRESHOLD)


def test_a_topic_gets_every_event_or_none() -> None:
    def wire(make: Make) -> None:
        topic = make(Topic, "news", TopicArgs())
        make(EventBus, "facts", EventBusArgs()).rule("some", where=Pattern(event_types=("order.placed",)), to=topic)

    with pytest.raises(WiringError, match="rule some: on Google Cloud a topic gets every event of the bus, or none"):
        made_alone("gcp", wire)


def test_a_rule_feeds_from_the_buss_own_topic() -> None:
    graph = ruled(Pattern())
    assert graph.one("pubsub.Subscription", "all").inputs["topic"] == graph.one("pubsub.Topic", "facts").id


def test_a_publisher_may_publish_and_is_told_the_topics_path() -> None:
    graph = ruled(Pattern())
    assert may(graph, "tells") == {May(role="pubsub.publisher", on="facts")}
    variables = graph.one("cloudfunctionsv2.Function", "tells").inputs["serviceConfig"]["environmentVariables"]
    assert variables["ORDERLY_EVENT_BUS"] == graph.one("pubsub.Topic", "facts").id


@pytest.mark.parametrize(("days", "seconds"), [(30, 30 * 86_400), (365, 31 * 86_400)])
def test_what_came_can_be_delivered_again_for_as_long_as_logs_are_kept_or_a_month(days: int, seconds: int) -> None:
    graph = ruled(Pattern(), observability={"log_retention_days": days})
    assert graph.one("pubsub.Topic", "facts").inputs["messageRetentionDuration"] == f"{seconds}s"


def test_the_tier_that_a_rule_asks_for_is_one_that_a_publisher_writes() -> None:
    event = Event(
        type=EventType.PLACED,
        order_id="1",
        tenant="t",
        version=1,
        occurred_at=datetime(2026, 1, 1, tzinfo=UTC),
        total_minor=5_001,
        currency="CHF",
    )
    written = attributes(event, THRESHOLD["high_value_threshold_minor"])
    assert f'attributes.tier = "{written["tier"]}"' == filtered(Pattern(total_minor_above=5_000))
