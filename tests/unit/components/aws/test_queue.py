"""What only SQS has: who may send, how a poller takes batches, where what failed goes."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from components.errors import WiringError
from components.event_bus import EventBus, EventBusArgs, Pattern
from components.function import Function
from components.queue import Queue, QueueArgs
from components.topic import Topic, TopicArgs
from tests.graph import Graph
from tests.unit.components.aws.resource_policies import allowed, arn, refuses_plain_text, statements
from tests.unit.components.making import Make, function_args, made_alone

SENT_BY_EVENTS = {"Service": "events.amazonaws.com"}
SENT_BY_SNS = {"Service": "sns.amazonaws.com"}


def queue_args(visibility_timeout: timedelta = timedelta(seconds=90)) -> QueueArgs:
    return QueueArgs(visibility_timeout=visibility_timeout, max_receive_count=7)


def wired(args: QueueArgs) -> Callable[[Make], None]:
    """A queue with a consumer that may take ten seconds, fed by a rule and by a topic."""

    def wire(make: Make) -> None:
        queue = make(Queue, "parcels", args)
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=3)))
        make(EventBus, "facts", EventBusArgs()).rule("all", where=Pattern(), to=queue)
        make(Topic, "news", TopicArgs()).subscribe(queue, where={})

    return wire


@pytest.fixture(scope="module")
def graph() -> Graph:
    return made_alone("aws", wired(queue_args()))


def test_a_message_is_hidden_for_as_long_as_was_asked_for(graph: Graph) -> None:
    assert graph.one("sqs.Queue", "parcels").inputs["visibilityTimeoutSeconds"] == 90


def test_messages_are_encrypted_at_rest_and_dead_ones_outlive_the_others(graph: Graph) -> None:
    queue, dead = (graph.one("sqs.Queue", name).inputs for name in ("parcels", "parcels-dead-letters"))
    assert queue["sqsManagedSseEnabled"]
    assert dead["sqsManagedSseEnabled"]
    assert queue["messageRetentionSeconds"] < dead["messageRetentionSeconds"] == 14 * 24 * 3600


def test_only_this_queue_may_redrive_to_its_dead_letters(graph: Graph) -> None:
    dead = graph.one("sqs.Queue", "parcels-dead-letters").state
    assert json.loads(graph.one("sqs.Queue", "parcels").inputs["redrivePolicy"]) == {
        "deadLetterTargetArn": dead["arn"],
        "maxReceiveCount": 7,
    }
    redrive = graph.one("sqs.RedriveAllowPolicy", "parcels").inputs
    assert redrive["queueUrl"] == dead["url"]
    assert json.loads(redrive["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [arn(graph, "sqs.Queue", "parcels")],
    }


def test_the_one_policy_lets_in_each_that_feeds_the_queue_by_name(graph: Graph) -> None:
    url = graph.one("sqs.Queue", "parcels").state["url"]
    (policy,) = (found for found in graph.of("sqs.QueuePolicy").values() if found.inputs["queueUrl"] == url)
    assert [(entry["Principal"], entry["Action"], entry["Condition"]["ArnEquals"]) for entry in allowed(policy)] == [
        (SENT_BY_EVENTS, ["sqs:SendMessage"], {"aws:SourceArn": arn(graph, "cloudwatch.EventRule", "all")}),
        (SENT_BY_SNS, ["sqs:SendMessage"], {"aws:SourceArn": arn(graph, "sns.Topic", "news")}),
    ]


def test_a_queue_whose_policy_is_made_lets_nobody_else_in() -> None:
    def wire(make: Make) -> None:
        queue, topic = make(Queue, "parcels", queue_args()), make(Topic, "news", TopicArgs())
        make(Function, "pack", function_args(trigger=queue.deliveries(max_concurrency=3)))
        queue.finish()
        topic.subscribe(queue, where={})

    with pytest.raises(WiringError, match="queue parcels: its policy is made, so nobody else is let in"):
        made_alone("aws", wire)


def test_every_queue_refuses_plain_text_and_dead_letters_let_nobody_else_in(graph: Graph) -> None:
    assert all(refuses_plain_text(policy) for policy in graph.of("sqs.QueuePolicy").values())
    assert {policy.inputs["queueUrl"] for policy in graph.of("sqs.QueuePolicy").values()} == {
        queue.state["url"] for queue in graph.of("sqs.Queue").values()
    }
    assert allowed(graph.one("sqs.QueuePolicy", "parcels-dead-letters")) == []


def test_batches_go_to_the_live_alias_and_fail_message_by_message(graph: Graph) -> None:
    mapping = graph.one("lambda.EventSourceMapping", "parcels").inputs
    assert mapping["functionName"] == arn(graph, "lambda.Alias", "pack")
    assert mapping["eventSourceArn"] == arn(graph, "sqs.Queue", "parcels")
    assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (10, 5)
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["scalingConfig"] == {"maximumConcurrency": 3}
    assert "startingPosition" not in mapping


def test_the_poller_is_made_once_the_role_may_read(graph: Graph) -> None:
    mapping = graph.one("lambda.EventSourceMapping", "parcels")
    assert graph.one("iam.RolePolicy", "pack").urn in mapping.dependencies


@pytest.mark.parametrize(("visibility", "window"), [(10, 0), (12, 2), (15, 5), (300, 5)])
def test_waiting_for_a_batch_and_the_call_fit_into_the_visibility_timeout(visibility: int, window: int) -> None:
    graph = made_alone("aws", wired(queue_args(timedelta(seconds=visibility))))
    mapping = graph.one("lambda.EventSourceMapping", "parcels").inputs
    assert mapping["maximumBatchingWindowInSeconds"] == window
    assert graph.one("lambda.Function", "pack").inputs["timeout"] + window <= visibility


def test_a_consumer_reads_its_queue_and_writes_only_to_its_dead_letters(graph: Graph) -> None:
    may = {tuple(entry["Resource"]): entry["Action"] for entry in statements(graph.one("iam.RolePolicy", "pack"))}
    assert may[arn(graph, "sqs.Queue", "parcels"),] == [
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ChangeMessageVisibility",
    ]
    assert may[arn(graph, "sqs.Queue", "parcels-dead-letters"),] == ["sqs:SendMessage"]


def test_a_consumer_knows_where_to_put_what_can_never_succeed(graph: Graph) -> None:
    variables = graph.one("lambda.Function", "pack").inputs["environment"]["variables"]
    assert variables["ORDERLY_QUEUE"] == graph.one("sqs.Queue", "parcels").state["url"]
    assert variables["ORDERLY_DEAD_LETTERS"] == graph.one("sqs.Queue", "parcels-dead-letters").state["url"]


def test_a_sender_may_send_and_nothing_else() -> None:
    def wire(make: Make) -> None:
        make(Function, "ship", function_args(make(Queue, "parcels", queue_args()).sender()))

    graph = made_alone("aws", wire)
    queue = arn(graph, "sqs.Queue", "parcels")
    (may,) = (entry for entry in statements(graph.one("iam.RolePolicy", "ship")) if queue in entry["Resource"])
    assert may == {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [queue]}
