"""What only Pub/Sub has: pushes as an account that may call the consumer, an agent that moves what is dead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from components.event_bus import EventBus, EventBusArgs, Pattern
from components.function import Function
from components.queue import Queue, QueueArgs
from components.topic import Topic, TopicArgs
from tests.graph import Graph, Resource
from tests.unit.components.gcp.members import May, may
from tests.unit.components.gcp.waiting import waited_for
from tests.unit.components.making import Make, function_args, made_alone

ARGS = QueueArgs(visibility_timeout=timedelta(seconds=90), max_receive_count=7)
OWN = "parcels"
FEEDING = ("parcels", "all", "news-parcels")
"""Its own subscription, a rule's and a topic's."""


def wired(where: Pattern) -> Callable[[Make], None]:
    """A queue with a consumer, fed by a rule and by a topic."""

    def wire(make: Make) -> None:
        queue = make(Queue, "parcels", ARGS)
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=3)))
        make(EventBus, "facts", EventBusArgs()).rule("all", where=where, to=queue)
        make(Topic, "news", TopicArgs()).subscribe(queue, where={})

    return wire


@pytest.fixture(scope="module")
def graph() -> Graph:
    return made_alone("gcp", wired(Pattern()))


@pytest.fixture(params=FEEDING)
def subscription(request: pytest.FixtureRequest, graph: Graph) -> Resource:
    return graph.one("pubsub.Subscription", request.param)


def test_a_message_comes_again_after_as_long_as_was_asked_for(subscription: Resource) -> None:
    assert subscription.inputs["ackDeadlineSeconds"] == 90


def test_what_is_tried_in_vain_goes_to_the_dead_letters(graph: Graph, subscription: Resource) -> None:
    topic = graph.one("pubsub.Topic", "parcels-dead-letters")
    assert subscription.inputs["deadLetterPolicy"] == {"deadLetterTopic": topic.id, "maxDeliveryAttempts": 7}


def test_pubsub_may_move_what_is_dead(graph: Graph) -> None:
    """With one of these missing it delivers again for ever, and says nothing."""
    assert {
        May(role="pubsub.publisher", on="parcels-dead-letters"),
        *(May(role="pubsub.subscriber", on=name) for name in FEEDING),
    } <= may(graph, "Pub/Sub")


def test_dead_letters_are_held_for_fourteen_days(graph: Graph) -> None:
    """A topic without a subscription forgets."""
    held = graph.one("pubsub.Subscription", "parcels-dead-letters").inputs
    assert held["topic"] == graph.one("pubsub.Topic", "parcels-dead-letters").id
    assert held["messageRetentionDuration"] == "1209600s"
    assert "pushConfig" not in held


def test_what_waits_dies_before_what_is_dead(subscription: Resource, graph: Graph) -> None:
    held = graph.one("pubsub.Subscription", "parcels-dead-letters").inputs["messageRetentionDuration"]
    assert int(subscription.inputs["messageRetentionDuration"][:-1]) < int(held[:-1])


def test_the_second_try_is_not_at_once(subscription: Resource) -> None:
    assert subscription.inputs["retryPolicy"] == {"minimumBackoff": "10s", "maximumBackoff": "600s"}


def test_no_subscription_goes_because_nothing_came(graph: Graph) -> None:
    """By default one does, after 31 days."""
    found = graph.of("pubsub.Subscription").values()
    assert len(found) == len(FEEDING) + 1
    assert {each.inputs["expirationPolicy"]["ttl"] for each in found} == {""}


def test_a_push_calls_the_consumer_as_an_account_that_may(graph: Graph, subscription: Resource) -> None:
    """The audience is the service's bare address: it is what Cloud Run compares."""
    address = graph.one("cloudfunctionsv2.Function", "pack").state["serviceConfig"]["uri"]
    email = graph.one("serviceaccount.Account", "parcels-push").state["email"]
    assert subscription.inputs["pushConfig"] == {
        "pushEndpoint": address,
        "oidcToken": {"serviceAccountEmail": email, "audience": address},
    }
    assert may(graph, "parcels-push") == {May(role="run.invoker", on="pack")}
    assert May(role="iam.serviceAccountOpenIdTokenCreator", on="parcels-push") in may(graph, "Pub/Sub")


def test_nothing_is_pushed_before_it_may_arrive_or_die(graph: Graph, subscription: Resource) -> None:
    assert {
        ("cloudrunv2.ServiceIamMember", "pack-parcels-push"),
        ("serviceaccount.IAMMember", "parcels-push"),
        ("pubsub.TopicIAMMember", "parcels-dead-letters"),
    } <= waited_for(graph, subscription)


def test_a_consumer_may_put_among_the_dead_letters_what_can_never_succeed(graph: Graph) -> None:
    dead = graph.one("pubsub.Topic", "parcels-dead-letters")
    assert may(graph, "pack") == {May(role="pubsub.publisher", on="parcels-dead-letters")}
    variables = graph.one("cloudfunctionsv2.Function", "pack").inputs["serviceConfig"]["environmentVariables"]
    assert variables["ORDERLY_DEAD_LETTERS"] == dead.id
    assert variables["ORDERLY_QUEUE"] == graph.one("pubsub.Topic", "parcels").id


def test_a_sender_may_publish_to_the_queues_own_topic_and_no_other() -> None:
    """Dead letters are sent back there too: on the bus they would reach every queue."""

    def wire(make: Make) -> None:
        queue = make(Queue, "parcels", ARGS)
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=3)))
        make(Function, "ship", function_args(queue.sender()))

    graph = made_alone("gcp", wire)
    assert may(graph, "ship") == {May(role="pubsub.publisher", on="parcels")}
    assert graph.one("pubsub.Subscription", OWN).inputs["topic"] == graph.one("pubsub.Topic", "parcels").id


def test_a_queue_that_nobody_reads_keeps_what_is_sent_to_it() -> None:
    def wire(make: Make) -> None:
        make(Queue, "parcels", ARGS)

    graph = made_alone("gcp", wire)
    kept = graph.one("pubsub.Subscription", OWN).inputs
    assert kept["topic"] == graph.one("pubsub.Topic", "parcels").id
    assert "pushConfig" not in kept


def test_another_filter_is_another_subscription_with_another_name(graph: Graph) -> None:
    """A filter cannot change, and the new subscription is there before the old one goes."""
    names = {
        made_alone("gcp", wired(Pattern(event_types=types))).one("pubsub.Subscription", "all").inputs["name"]
        for types in ((), ("order.placed",), ("order.failed",))
    }
    assert len(names) == 3


def test_what_a_queue_holds_stays_in_the_region(graph: Graph) -> None:
    regions = {
        tuple(topic.inputs["messageStoragePolicy"]["allowedPersistenceRegions"])
        for topic in graph.of("pubsub.Topic").values()
    }
    assert regions == {("europe-west1",)}


@pytest.mark.parametrize(("stage", "policy"), [("dev", "DELETE"), ("prod", "PREVENT")])
def test_dead_letters_go_with_the_stack_only_where_it_is_not_protected(stage: str, policy: str) -> None:
    graph = made_alone("gcp", wired(Pattern()), stage=stage)
    assert graph.one("pubsub.Subscription", "parcels-dead-letters").inputs["deletionPolicy"] == policy
    assert graph.one("pubsub.Subscription", OWN).inputs["deletionPolicy"] == "DELETE"
