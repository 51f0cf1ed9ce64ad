"""A notification is a queue and a function: what the operators do not take waits among the dead letters."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from components.event_bus import EventBus, EventBusArgs, Pattern
from components.notification import Notification, NotificationArgs
from components.secret import Secret, SecretArgs
from tests.graph import Graph, Resource, build, config
from tests.unit.components.gcp.members import May, may
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

ABOVE = Pattern(event_types=("order.placed",), total_minor_above=100_000)


def notified(*, is_posted: bool) -> Graph:
    def wire(make: Make) -> None:
        word = make(Secret, "word", SecretArgs(value=pulumi.Output.secret("of-the-day"))) if is_posted else None
        args = NotificationArgs(
            bus=make(EventBus, "facts", EventBusArgs()),
            rule="high-value",
            where=ABOVE,
            webhook_url=pulumi.Output.secret("https://ops.example/hook") if is_posted else None,
            webhook_secret=word,
            function_name="notify-ops",
            function=function_args(),
            queue=QUEUE,
            max_concurrency=2,
        )
        make(Notification, "ops", args)

    return made_alone("gcp", wire, orders={"high_value_threshold_minor": 100_000})


@pytest.fixture(scope="module")
def graph() -> Graph:
    return notified(is_posted=True)


def variables(graph: Graph) -> Any:  # noqa: ANN401 JSON
    return graph.one("cloudfunctionsv2.Function", "notify-ops").inputs["serviceConfig"]["environmentVariables"]


def test_the_rule_feeds_a_queue_that_calls_the_function(graph: Graph) -> None:
    address = graph.one("cloudfunctionsv2.Function", "notify-ops").state["serviceConfig"]["uri"]
    fed = graph.one("pubsub.Subscription", "high-value").inputs
    assert fed["pushConfig"]["pushEndpoint"] == address
    assert fed["deadLetterPolicy"]["deadLetterTopic"] == graph.one("pubsub.Topic", "ops-dead-letters").id
    assert fed["topic"] == graph.one("pubsub.Topic", "facts").id


def test_the_function_knows_where_to_post_and_reads_the_secret_that_it_signs_with(graph: Graph) -> None:
    assert variables(graph)["ORDERLY_WEBHOOK_URL"] == "https://ops.example/hook"
    assert ("ORDERLY_WEBHOOK_SECRET", "ORDERLY_SECRET_WORD") in variables(graph).items()
    assert may(graph, "notify-ops") == {
        May(role="pubsub.publisher", on="ops-dead-letters"),
        May(role="secretmanager.secretAccessor", on="word"),
    }


def test_the_webhooks_address_is_encrypted_in_the_state(graph: Graph) -> None:
    assert "serviceConfig" in graph.one("cloudfunctionsv2.Function", "notify-ops").secrets


def test_without_a_webhook_the_function_has_no_address() -> None:
    assert not [name for name in variables(notified(is_posted=False)) if "WEBHOOK" in name]


def test_what_it_was_made_of_can_be_reached_by_a_transform() -> None:
    def patient(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        return pulumi.ResourceTransformResult({**args.props, "messageRetentionDuration": "86400s"}, args.opts)

    changed = build(config("gcp"), transforms={"notification/ops-notification": {"dead-letters-held": patient}})
    assert _held(changed, "ops-notification").inputs["messageRetentionDuration"] == "86400s"
    assert _held(changed, "inventory").inputs["messageRetentionDuration"] == "1209600s"


def _held(graph: Graph, queue: str) -> Resource:
    return graph.one("pubsub.Subscription", f"{queue}-dead-letters")
