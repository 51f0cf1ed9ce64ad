"""What only EventBridge has: a message made by a template, a connection's secret, a log group as a target."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pulumi
import pytest

from components.errors import ConfigError, WiringError
from components.event_bus import EventBus, EventBusArgs, Pattern
from components.notification import Notification, NotificationArgs
from components.secret import Secret, SecretArgs
from functions.codec import encode_event
from functions.domain.events import Event, EventType, Json
from functions.services.notify_ops import NotifyOps
from tests.graph import Graph, config
from tests.unit.components.aws.resource_policies import allowed, arn, statements
from tests.unit.components.aws.transformer import transformed
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

URL = "https://ops.example/hook"
EVENT = Event(
    order_id="01J-order",
    tenant='the "shop"',
    version=1,
    type=EventType.PLACED,
    occurred_at=datetime(2026, 1, 2, tzinfo=UTC) + timedelta(milliseconds=5),
    total_minor=12_345,
    currency="EUR",
    details={"total_minor": 1},
)


def made(url: str | None = URL, secret: str | None = "word") -> Graph:  # noqa: S107 a test's secret
    def wire(make: Make) -> None:
        bus = make(EventBus, "facts", EventBusArgs())
        kept = make(Secret, "shared", SecretArgs(value=pulumi.Output.secret(secret))) if secret else None
        args = NotificationArgs(
            bus=bus,
            rule="dear",
            where=Pattern(event_types=("order.placed",), total_minor_above=99),
            webhook_url=url,
            webhook_secret=kept,
            function_name="tell",
            function=function_args(),
            queue=QUEUE,
            max_concurrency=2,
        )
        make(Notification, "operators", args)

    return made_alone("aws", wire)


@pytest.fixture(scope="module")
def graph() -> Graph:
    return made()


class _Heard:
    def notify(self, *, key: str, message: Mapping[str, Json]) -> None:
        self.key, self.message = key, message


def test_operators_are_told_what_the_function_of_other_targets_tells_them(graph: Graph) -> None:
    heard = _Heard()
    NotifyOps(heard)(EVENT)
    target = graph.one("cloudwatch.EventTarget", "dear").inputs
    said = transformed({"detail": json.loads(encode_event(EVENT))}, target["inputTransformer"])
    assert json.loads(said) == heard.message
    assert list(json.loads(said)) == sorted(heard.message)
    assert heard.key == json.loads(said)["event_id"], "by this the receiver takes each once"


def test_the_secret_is_encrypted_in_the_state_and_sent_in_a_header(graph: Graph) -> None:
    connection = graph.one("cloudwatch.EventConnection", "operators")
    assert connection.inputs["authParameters"] == {"apiKey": {"key": "X-Orderly-Secret", "value": "word"}}
    assert "authParameters" in connection.secrets


def test_the_rule_alone_may_post_and_only_there(graph: Graph) -> None:
    destination = graph.one("cloudwatch.EventApiDestination", "operators")
    assert (destination.inputs["httpMethod"], destination.inputs["invocationEndpoint"]) == ("POST", URL)
    policy = graph.one("iam.RolePolicy", "operators")
    assert statements(policy) == [
        {"Effect": "Allow", "Action": ["events:InvokeApiDestination"], "Resource": [destination.state["arn"]]}
    ]
    (trust,) = statements(graph.one("iam.Role", "operators"), "assumeRolePolicy")
    assert trust["Condition"]["ArnEquals"] == {"aws:SourceArn": arn(graph, "cloudwatch.EventRule", "dear")}
    target = graph.one("cloudwatch.EventTarget", "dear")
    assert target.inputs["arn"] == destination.state["arn"]
    assert target.inputs["roleArn"] == arn(graph, "iam.Role", "operators")
    assert policy.urn in target.dependencies


def test_a_notification_that_no_webhook_takes_is_kept(graph: Graph) -> None:
    target = graph.one("cloudwatch.EventTarget", "dear").inputs
    assert target["deadLetterConfig"] == {"arn": arn(graph, "sqs.Queue", "operators-dead-letters")}
    (sender,) = allowed(graph.one("sqs.QueuePolicy", "operators-dead-letters"))
    assert sender["Condition"]["ArnEquals"] == {"aws:SourceArn": arn(graph, "cloudwatch.EventRule", "dear")}
    policy = graph.one("sqs.QueuePolicy", "operators-dead-letters")
    assert policy.urn in graph.one("cloudwatch.EventTarget", "dear").dependencies


def test_without_a_webhook_a_log_group_takes_them_from_this_rule() -> None:
    graph = made(url=None, secret=None)
    log_group = graph.one("cloudwatch.LogGroup", "operators")
    assert log_group.inputs["name"].startswith("/aws/events/")
    assert log_group.inputs["retentionInDays"] == 30
    target = graph.one("cloudwatch.EventTarget", "dear").inputs
    assert target["arn"] == log_group.state["arn"]
    assert not {"roleArn", "inputTransformer", "httpTarget"} & target.keys()
    create, put = statements(graph.one("cloudwatch.LogResourcePolicy", "operators"), "policyDocument")
    assert create["Action"] == ["logs:CreateLogStream"]
    assert put["Action"] == ["logs:PutLogEvents"]
    assert create["Resource"] == put["Resource"] == [f"{log_group.state['arn']}:*"]
    assert put["Condition"] == {"ArnEquals": {"aws:SourceArn": arn(graph, "cloudwatch.EventRule", "dear")}}


def test_a_webhook_without_a_secret_is_refused() -> None:
    with pytest.raises(WiringError, match="EventBridge posts nothing without a secret"):
        made(secret=None)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/hook", "http://localhost/hook"])
def test_a_webhook_on_this_machine_is_refused_when_the_configuration_loads(address: str) -> None:
    with pytest.raises(
        ConfigError, match=r"notification\.webhook_url: an http:// address is not allowed; allowed on aws"
    ):
        config("aws", notification={"webhook_url": address, "webhook_secret": "word"})


@pytest.mark.parametrize("secret", ["user:word", "two\nlines", "x" * 513])
def test_a_secret_that_fits_no_header_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ConfigError, match=r"notification\.webhook_secret: this secret is not allowed") as refused:
        config("aws", notification={"webhook_url": URL, "webhook_secret": secret})
    assert secret not in str(refused.value)
