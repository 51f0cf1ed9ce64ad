"""What only Service Bus topics have: subscriptions that forward, and filters that replace the one that lets all by."""

from __future__ import annotations

import pytest

from components.azure._messaging import sql_filter
from components.function import Function
from components.queue import Queue
from components.topic import Topic, TopicArgs
from tests.graph import Graph
from tests.unit.components.azure.access import May, may
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


@pytest.fixture(scope="module")
def graph() -> Graph:
    def wire(make: Make) -> None:
        topic, queue = make(Topic, "news", TopicArgs()), make(Queue, "parcels", QUEUE)
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=2)))
        make(Function, "tell", function_args(topic.publisher()))
        topic.subscribe(queue, where={"event_type": ("order.placed", "order.paid")})

    return made_alone("azure", wire)


def test_a_subscription_forwards_to_the_queue(graph: Graph) -> None:
    inputs = graph.one("servicebus.Subscription", "news-parcels").inputs
    assert (inputs["topicName"], inputs["forwardTo"]) == ("news", "parcels")


def test_what_cannot_be_forwarded_waits_among_the_queues_dead_letters(graph: Graph) -> None:
    inputs = graph.one("servicebus.Subscription", "news-parcels").inputs
    assert inputs["forwardDeadLetteredMessagesTo"] == "parcels-dead-letters"
    assert inputs["deadLetteringOnFilterEvaluationExceptions"] is True


def test_the_filter_replaces_the_rule_that_lets_everything_pass(graph: Graph) -> None:
    """Beside `$Default` an added rule would let nothing more be refused."""
    assert graph.of("servicebus.Rule") == {}
    inputs = graph.one("servicebus.DefaultRule", "news-parcels").inputs
    assert (inputs["topicName"], inputs["subscriptionName"], inputs["filterType"]) == ("news", "parcels", "SqlFilter")
    assert inputs["sqlFilter"]["sqlExpression"] == "event_type IN ('order.placed', 'order.paid')"


@pytest.mark.parametrize(
    ("where", "expression"),
    [
        ({}, "1=1"),
        ({"kind": ("a",)}, "kind IN ('a')"),
        ({"tier": ("high",), "kind": ("a", "b")}, "kind IN ('a', 'b') AND tier IN ('high')"),
        ({"kind": ("it's",)}, "kind IN ('it''s')"),
    ],
)
def test_a_filter_is_one_of_the_values_of_each_property(where: dict[str, tuple[str, ...]], expression: str) -> None:
    assert sql_filter(where) == expression


def test_a_publisher_may_send_to_the_topic_alone(graph: Graph) -> None:
    granted = {each for each in may(graph, "tell") if "servicebus" in each.on}
    assert granted == {May(role="SERVICE_BUS_SENDER", on="servicebus.Topic/news")}


def test_what_comes_to_the_topic_twice_is_dropped(graph: Graph) -> None:
    assert graph.one("servicebus.Topic", "news").inputs["requiresDuplicateDetection"] is True
