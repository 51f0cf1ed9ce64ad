"""A topic is Pub/Sub's own, or its subscriptions are on the bus: nothing forwards from one topic to another."""

from __future__ import annotations

import pytest

from components.errors import WiringError
from components.event_bus import EventBus, EventBusArgs, Pattern
from components.function import Function
from components.queue import Queue
from components.topic import Filter, Topic, TopicArgs
from tests.graph import Graph
from tests.unit.components.gcp.members import May, may
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


def consumed(make: Make) -> Queue:
    queue = make(Queue, "parcels", QUEUE)
    make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=3)))
    return queue


def subscribed(where: Filter, *, is_fed: bool) -> Graph:
    def wire(make: Make) -> None:
        topic, queue = make(Topic, "news", TopicArgs()), consumed(make)
        if is_fed:
            make(EventBus, "facts", EventBusArgs()).rule("fan-out", where=Pattern(), to=topic)
        topic.subscribe(queue, where=where)

    return made_alone("gcp", wire)


def filtered(where: Filter) -> str | None:
    found: str | None = subscribed(where, is_fed=False).one("pubsub.Subscription", "news-parcels").inputs.get("filter")
    return found


def test_what_a_rule_feeds_has_its_subscriptions_on_the_bus_and_no_topic() -> None:
    graph = subscribed({}, is_fed=True)
    on = graph.one("pubsub.Subscription", "fan-out-parcels").inputs["topic"]
    assert on == graph.one("pubsub.Topic", "facts").id
    assert "news" not in graph.of("pubsub.Topic")


def test_what_no_rule_feeds_has_a_topic_of_its_own() -> None:
    graph = subscribed({}, is_fed=False)
    on = graph.one("pubsub.Subscription", "news-parcels").inputs["topic"]
    assert on == graph.one("pubsub.Topic", "news").id


def test_a_publisher_may_publish_to_the_topic_and_is_told_its_path() -> None:
    def wire(make: Make) -> None:
        make(Function, "tells", function_args(make(Topic, "news", TopicArgs()).publisher()))

    graph = made_alone("gcp", wire)
    assert may(graph, "tells") == {May(role="pubsub.publisher", on="news")}
    variables = graph.one("cloudfunctionsv2.Function", "tells").inputs["serviceConfig"]["environmentVariables"]
    assert variables["ORDERLY_TOPIC"] == graph.one("pubsub.Topic", "news").id


def test_nobody_publishes_to_a_topic_whose_subscriptions_are_on_the_bus() -> None:
    def wire(make: Make) -> None:
        topic = make(Topic, "news", TopicArgs())
        make(EventBus, "facts", EventBusArgs()).rule("fan-out", where=Pattern(), to=topic)
        make(Function, "tells", function_args(topic.publisher()))

    with pytest.raises(WiringError, match=r"topic news: the rule fan-out feeds it, .*; publish to the bus"):
        made_alone("gcp", wire)


def test_a_rule_that_comes_after_a_subscription_is_refused() -> None:
    def wire(make: Make) -> None:
        topic, queue = make(Topic, "news", TopicArgs()), consumed(make)
        topic.subscribe(queue, where={})
        make(EventBus, "facts", EventBusArgs()).rule("fan-out", where=Pattern(), to=topic)

    with pytest.raises(WiringError, match="topic news: rule fan-out comes too late"):
        made_alone("gcp", wire)


def test_a_second_rule_to_a_topic_is_refused() -> None:
    def wire(make: Make) -> None:
        topic, bus = make(Topic, "news", TopicArgs()), make(EventBus, "facts", EventBusArgs())
        bus.rule("first", where=Pattern(), to=topic)
        bus.rule("second", where=Pattern(), to=topic)

    with pytest.raises(WiringError, match="topic news: rule second comes too late"):
        made_alone("gcp", wire)


def test_a_rule_to_another_targets_topic_is_refused() -> None:
    from components.foundation import FoundationArgs
    from components.local.foundation import Foundation
    from components.local.topic import Topic as LocalTopic
    from tests.graph import config

    def wire(make: Make) -> None:
        local = Foundation("elsewhere", args=FoundationArgs(config=config("local")))
        elsewhere = LocalTopic("news", args=TopicArgs(), foundation=local)
        make(EventBus, "facts", EventBusArgs()).rule("fan-out", where=Pattern(), to=elsewhere)

    with pytest.raises(WiringError, match=r"^news is of components\.local\.topic and has no Outlet behind it"):
        made_alone("gcp", wire)


@pytest.mark.parametrize(
    ("where", "written"),
    [
        ({}, None),
        ({"event_type": ("order.placed",)}, 'attributes.event_type = "order.placed"'),
        (
            {"event_type": ("order.placed", "order.failed")},
            'attributes.event_type = "order.placed" OR attributes.event_type = "order.failed"',
        ),
        (
            {"event_type": ("order.placed", "order.failed"), "currency": ("CHF",)},
            '(attributes.currency = "CHF") AND '
            '(attributes.event_type = "order.placed" OR attributes.event_type = "order.failed")',
        ),
        ({"tenant": ('a"b\\c',)}, r'attributes.tenant = "a\"b\\c"'),
    ],
)
def test_a_filter_is_one_of_the_values_of_each_attribute(where: Filter, written: str | None) -> None:
    """AND and OR side by side are refused without brackets."""
    assert filtered(where) == written


def test_a_filter_of_as_many_bytes_as_pubsub_takes_is_taken() -> None:
    written = filtered({"tenant": ("a" * (256 - len('attributes.tenant = ""')),)})
    assert written is not None
    assert len(written) == 256


def test_a_longer_filter_is_refused_before_pubsub_does() -> None:
    with pytest.raises(WiringError, match="a filter has at most 256 bytes on Google Cloud, and this one 257"):
        filtered({"tenant": ("a" * (257 - len('attributes.tenant = ""')),)})
