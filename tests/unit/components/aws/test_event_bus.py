"""What only EventBridge has: patterns, targets on the same bus, roles and dead letters of rules, the archive."""

from __future__ import annotations

import json

import pytest

from components.event_bus import EventBus, EventBusArgs, Pattern
from components.function import Function
from components.queue import Queue
from components.topic import Topic, TopicArgs
from functions.adapters.aws.events import SOURCE
from tests.graph import Graph
from tests.unit.components.aws.resource_policies import allowed, arn, statements
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


@pytest.fixture(scope="module")
def graph() -> Graph:
    def wire(make: Make) -> None:
        bus, queue = make(EventBus, "facts", EventBusArgs()), make(Queue, "readers", QUEUE)
        make(Function, "read", function_args(trigger=queue.deliveries(max_concurrency=2)))
        make(Function, "write", function_args(bus.publisher()))
        bus.rule("dear", where=Pattern(event_types=("order.placed",), total_minor_above=99), to=queue)
        bus.rule("all", where=Pattern(), to=make(Topic, "news", TopicArgs()))

    return made_alone("aws", wire)


def test_a_rule_matches_our_events_by_type_and_total(graph: Graph) -> None:
    patterns = {
        name: json.loads(rule.inputs["eventPattern"]) for name, rule in graph.of("cloudwatch.EventRule").items()
    }
    assert patterns == {
        "dear": {
            "source": [SOURCE],
            "detail-type": ["order.placed"],
            "detail": {"total_minor": [{"numeric": [">", 99]}]},
        },
        "all": {"source": [SOURCE]},
    }


@pytest.mark.parametrize("rule", ["dear", "all"])
def test_rule_and_target_name_the_same_bus(graph: Graph, rule: str) -> None:
    bus = graph.one("cloudwatch.EventBus", "facts").state["name"]
    target = graph.one("cloudwatch.EventTarget", rule).inputs
    assert graph.one("cloudwatch.EventRule", rule).inputs["eventBusName"] == target["eventBusName"] == bus
    assert target["rule"] == graph.one("cloudwatch.EventRule", rule).state["name"]


@pytest.mark.parametrize("rule", ["dear", "all"])
def test_a_target_gets_our_event_alone_and_what_it_never_takes_is_kept(graph: Graph, rule: str) -> None:
    target = graph.one("cloudwatch.EventTarget", rule).inputs
    assert target["inputPath"] == "$.detail"
    assert target["deadLetterConfig"] == {"arn": arn(graph, "sqs.Queue", "facts-dead-letters")}
    assert target["retryPolicy"] == {"maximumEventAgeInSeconds": 86_400, "maximumRetryAttempts": 185}


def test_dead_letters_come_from_each_rule_and_nobody_else(graph: Graph) -> None:
    senders = allowed(graph.one("sqs.QueuePolicy", "facts-dead-letters"))
    assert [sender["Condition"]["ArnEquals"]["aws:SourceArn"] for sender in senders] == [
        arn(graph, "cloudwatch.EventRule", "dear"),
        arn(graph, "cloudwatch.EventRule", "all"),
    ]
    assert all(sender["Principal"] == {"Service": "events.amazonaws.com"} for sender in senders)


@pytest.mark.parametrize(
    ("rule", "policies"), [("dear", {"readers", "facts-dead-letters"}), ("all", {"facts-dead-letters"})]
)
def test_nothing_is_delivered_before_it_is_let_in(graph: Graph, rule: str, policies: set[str]) -> None:
    target = graph.one("cloudwatch.EventTarget", rule)
    waited_for = {name for name, each in graph.of("sqs.QueuePolicy").items() if each.urn in target.dependencies}
    assert waited_for == policies


def test_a_queue_lets_the_rule_in_by_its_policy_so_the_target_has_no_role(graph: Graph) -> None:
    target = graph.one("cloudwatch.EventTarget", "dear").inputs
    assert target["arn"] == arn(graph, "sqs.Queue", "readers")
    assert "roleArn" not in target


def test_a_topic_is_published_to_in_a_role_that_only_this_rule_can_take(graph: Graph) -> None:
    target, topic = graph.one("cloudwatch.EventTarget", "all"), arn(graph, "sns.Topic", "news")
    assert (target.inputs["arn"], target.inputs["roleArn"]) == (topic, arn(graph, "iam.Role", "facts-all"))
    (trust,) = statements(graph.one("iam.Role", "facts-all"), "assumeRolePolicy")
    assert trust["Principal"] == {"Service": "events.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnEquals": {"aws:SourceArn": arn(graph, "cloudwatch.EventRule", "all")},
    }
    policy = graph.one("iam.RolePolicy", "facts-all")
    assert [(entry["Action"], entry["Resource"]) for entry in statements(policy)] == [
        (["sns:Publish"], [topic]),
        (["kms:Decrypt", "kms:GenerateDataKey"], [arn(graph, "kms.Key", "alone-topics")]),
    ]
    assert policy.urn in target.dependencies


def test_a_publisher_may_put_events_of_our_source_only(graph: Graph) -> None:
    bus = arn(graph, "cloudwatch.EventBus", "facts")
    (may,) = (entry for entry in statements(graph.one("iam.RolePolicy", "write")) if bus in entry["Resource"])
    assert may["Action"] == ["events:PutEvents"]
    assert may["Condition"] == {
        "ForAllValues:StringEquals": {"events:source": [SOURCE]},
        "Null": {"events:source": "false"},
    }


def test_every_event_can_be_replayed_for_as_long_as_logs_are_kept(graph: Graph) -> None:
    archive = graph.one("cloudwatch.EventArchive", "facts").inputs
    assert archive["eventSourceArn"] == arn(graph, "cloudwatch.EventBus", "facts")
    assert archive["retentionDays"] == 30
    assert "eventPattern" not in archive
