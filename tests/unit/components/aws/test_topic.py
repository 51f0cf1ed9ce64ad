"""What only SNS has: filters on the body, encryption that publishers can use, dead letters of its subscriptions."""

from __future__ import annotations

import json

import pytest

from components.errors import WiringError
from components.function import Function
from components.queue import Queue
from components.topic import Filter, Topic, TopicArgs
from tests.graph import Graph
from tests.unit.components.aws.resource_policies import allowed, arn, refuses_plain_text, statements
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


def made(where: Filter) -> Graph:
    def wire(make: Make) -> None:
        topic, queue = make(Topic, "news", TopicArgs()), make(Queue, "readers", QUEUE)
        make(Function, "read", function_args(trigger=queue.deliveries(max_concurrency=2)))
        make(Function, "write", function_args(topic.publisher()))
        topic.subscribe(queue, where=where)

    return made_alone("aws", wire)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return made({"event_type": ("order.placed", "order.paid")})


def test_a_filter_looks_for_the_attribute_in_the_body(graph: Graph) -> None:
    subscription = graph.one("sns.TopicSubscription", "news-readers").inputs
    assert subscription["filterPolicyScope"] == "MessageBody"
    assert json.loads(subscription["filterPolicy"]) == {"type": ["order.placed", "order.paid"]}


def test_a_subscription_without_a_filter_has_no_policy() -> None:
    subscription = made({}).one("sns.TopicSubscription", "news-readers").inputs
    assert not {"filterPolicy", "filterPolicyScope"} & subscription.keys()


@pytest.mark.parametrize("attribute", ["tier", "total_minor"])
def test_a_filter_on_what_is_no_text_in_the_body_is_refused(attribute: str) -> None:
    with pytest.raises(WiringError, match=f"a message's body has no text for {attribute}; filter by event_type"):
        made({attribute: ("high",)})


def test_nothing_is_delivered_before_it_is_let_in(graph: Graph) -> None:
    subscription = graph.one("sns.TopicSubscription", "news-readers")
    for policy in ("readers", "news-dead-letters"):
        assert graph.one("sqs.QueuePolicy", policy).urn in subscription.dependencies


def test_a_queue_gets_the_message_itself(graph: Graph) -> None:
    subscription = graph.one("sns.TopicSubscription", "news-readers").inputs
    assert subscription["rawMessageDelivery"]
    assert (subscription["protocol"], subscription["endpoint"]) == ("sqs", arn(graph, "sqs.Queue", "readers"))


def test_what_a_queue_does_not_take_is_kept_and_only_this_topic_may_keep_it(graph: Graph) -> None:
    dead = arn(graph, "sqs.Queue", "news-dead-letters")
    subscription = graph.one("sns.TopicSubscription", "news-readers").inputs
    assert json.loads(subscription["redrivePolicy"]) == {"deadLetterTargetArn": dead}
    (sender,) = allowed(graph.one("sqs.QueuePolicy", "news-dead-letters"))
    assert sender["Principal"] == {"Service": "sns.amazonaws.com"}
    assert sender["Condition"]["ArnEquals"] == {"aws:SourceArn": arn(graph, "sns.Topic", "news")}


def test_a_topic_is_encrypted_with_the_systems_key_and_whoever_publishes_may_use_it_for_that(graph: Graph) -> None:
    key = arn(graph, "kms.Key", "alone-topics")
    assert graph.one("sns.Topic", "news").inputs["kmsMasterKeyId"] == key
    may = {tuple(entry["Resource"]): entry for entry in statements(graph.one("iam.RolePolicy", "write"))}
    assert may[arn(graph, "sns.Topic", "news"),]["Action"] == ["sns:Publish"]
    assert may[key,]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert may[key,]["Condition"] == {"StringEquals": {"kms:ViaService": "sns.eu-central-1.amazonaws.com"}}


def test_a_topic_refuses_plain_text_and_lets_no_service_in(graph: Graph) -> None:
    policy = graph.one("sns.TopicPolicy", "news")
    assert refuses_plain_text(policy)
    assert allowed(policy) == []
