"""Messages that a service is not let deliver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.unit.aws.programs import (
    Statement,
    after,
    alias,
    document,
    function,
    permission,
    queue_policy,
    redrive,
    refused,
    role,
    role_policy,
)

EVENTS, TOPICS, ALARMS = "events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com"
ELSEWHERE = "arn:aws:events:eu-central-1:123456789012:rule/other/placed"


def test_a_rule_s_queue_without_a_policy_that_lets_the_rule_in() -> None:
    assert refused(ruled()) == []
    assert refused(ruled(allowed=False)) == ["event_target_not_let_deliver"]
    assert refused(ruled(source=ELSEWHERE)) == ["event_target_not_let_deliver"]


@pytest.mark.parametrize(
    "said",
    [
        {"Action": "sqs:ReceiveMessage"},
        {"Principal": {"Service": TOPICS}},
        {"Principal": {"AWS": EVENTS}},
        {"Resource": "arn:aws:sqs:eu-central-1:123456789012:another"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-orders"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
        {"Effect": "Deny"},
    ],
    ids=str,
)
def test_a_rule_s_queue_whose_policy_is_about_something_else(said: Statement) -> None:
    assert refused(ruled(said=said)) == ["event_target_not_let_deliver"]


def test_a_rule_s_queue_that_lets_the_rule_in_and_refuses_everybody() -> None:
    nobody = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    plain_text = {**nobody, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert refused(ruled(more=(plain_text,))) == []
    assert refused(ruled(more=(nobody,))) == ["event_target_not_let_deliver"]


def test_what_delivers_before_it_is_let_in() -> None:
    assert refused(ruled(dead_letters=True, waits=("queue", "dead"))) == []
    assert refused(ruled(dead_letters=True, waits=("dead",))) == ["delivery_before_it_is_let_in"]
    assert refused(ruled(dead_letters=True, waits=("queue",))) == ["delivery_before_it_is_let_in"]


@pytest.mark.parametrize(
    ("said", "refusals"),
    [
        ({}, []),
        ({"source": ELSEWHERE}, ["event_target_not_let_deliver"]),
        ({"action": "lambda:GetFunction"}, ["event_target_not_let_deliver"]),
        ({"source_account": "210987654321"}, ["event_target_not_let_deliver"]),
        ({"service": TOPICS}, ["event_target_not_let_deliver"]),
        ({"waits": False}, ["delivery_before_it_is_let_in"]),
    ],
)
def test_a_rule_s_function_without_a_permission_for_the_rule(said: dict[str, Any], refusals: list[str]) -> None:
    def declare(*, source: str | None = None, service: str = EVENTS, waits: bool = True, **settings: str) -> None:
        rule = placed()
        called = function()
        live = alias(called)
        permitted = permission(called, service, source or rule.arn, **settings)
        target(rule, live.arn, opts=after(permitted) if waits else None)

    assert refused(lambda: declare(**said)) == refusals


def test_a_rule_s_function_called_without_its_alias() -> None:
    def declare() -> None:
        rule = placed()
        called = function()
        permission(called, EVENTS, rule.arn, qualifier=None)
        target(rule, called.arn)

    assert refused(declare) == ["event_target_not_let_deliver"]


@pytest.mark.parametrize(
    ("action", "refusals"), [("sns:Publish", []), ("sns:Subscribe", ["event_target_not_let_deliver"])]
)
def test_a_rule_s_topic_that_its_role_may_not_publish_to(action: str, refusals: list[str]) -> None:
    def declare() -> None:
        rule, topic, acting = placed(), aws.sns.Topic("orders", name="orders"), role("rule", service=EVENTS)
        policy = role_policy("rule", acting, action, on=topic.arn)
        target(rule, topic.arn, role_arn=acting.arn, opts=after(policy))

    assert refused(declare) == refusals


def test_a_target_that_does_not_repeat_its_rule_s_bus() -> None:
    assert "target_on_another_bus" in refused(ruled(bus=None))


def test_dead_letters_of_a_target_without_a_policy_of_their_queue() -> None:
    assert refused(ruled(dead_letters=True)) == []
    assert refused(ruled(dead_letters=True, dead_letters_allowed=False)) == ["dead_letters_not_let_in"]


def test_a_rule_with_six_targets() -> None:
    assert refused(ruled(targets=5)) == []
    assert refused(ruled(targets=6)) == ["more_targets_than_a_rule_has"]


def test_two_policies_of_one_queue() -> None:
    def declare() -> None:
        queue = aws.sqs.Queue("queue", name="orders")
        queue_policy(queue, EVENTS, "*", name="first")
        queue_policy(queue, EVENTS, "*", name="second")

    assert refused(declare) == ["several_policies_of_one_resource"]


def test_a_subscribed_queue_without_a_policy_that_lets_the_topic_in() -> None:
    def declare(service: str, *, waits: bool = True) -> None:
        topic = aws.sns.Topic("orders", name="orders")
        queue = aws.sqs.Queue("orders", name="orders")
        policy = queue_policy(queue, service, topic.arn)
        opts = after(policy) if waits else None
        aws.sns.TopicSubscription("orders", topic=topic.arn, protocol="sqs", endpoint=queue.arn, opts=opts)

    assert refused(lambda: declare(TOPICS)) == []
    assert refused(lambda: declare(EVENTS)) == ["subscription_not_let_deliver"]
    assert refused(lambda: declare(TOPICS, waits=False)) == ["delivery_before_it_is_let_in"]


def test_an_alarm_whose_topic_has_a_policy_for_others_alone() -> None:
    def declare(service: str) -> None:
        topic = aws.sns.Topic("alarms", name="alarms")
        statement = {"Principal": {"Service": service}, "Action": "sns:Publish", "Resource": topic.arn}
        aws.sns.TopicPolicy("alarms", arn=topic.arn, policy=document(statement))
        aws.cloudwatch.MetricAlarm(
            "late",
            name="late",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            alarm_actions=[topic.arn],
        )

    assert refused(lambda: declare(ALARMS)) == []
    assert refused(lambda: declare(EVENTS)) == ["alarm_not_let_publish"]


def test_dead_letters_that_their_queue_does_not_allow() -> None:
    assert refused(redriven()) == []
    assert refused(redriven(allowed="arn:aws:sqs:eu-central-1:123456789012:other")) == ["redrive_that_is_not_allowed"]


def test_a_queue_and_its_dead_letters_that_wait_for_each_other() -> None:
    def declare() -> None:
        aws.sqs.Queue("dead", name="dead", redrive_allow_policy='{"redrivePermission": "allowAll"}')

    assert refused(declare) == ["redrive_policies_that_wait_for_each_other"]


@pytest.mark.parametrize(
    "settings", [{"fifo_queue": True, "name": "orders.fifo"}, {"message_retention_seconds": 999_999}]
)
def test_dead_letters_of_another_kind_or_kept_for_less_time(settings: dict[str, Any]) -> None:
    assert refused(redriven(**settings)) == ["dead_letters_of_another_kind"]


def test_a_fifo_queue_with_an_ordinary_name_and_the_other_way_round() -> None:
    assert refused(lambda: aws.sqs.Queue("q", name="q.fifo", fifo_queue=True)) == []
    assert refused(lambda: aws.sqs.Queue("q", name="q", fifo_queue=True)) == ["fifo_named_otherwise"]
    assert refused(lambda: aws.sqs.Queue("q", name="q.fifo")) == ["fifo_named_otherwise"]


def test_dead_letters_that_are_not_there() -> None:
    gone = '{"deadLetterTargetArn": "arn:aws:sqs:eu-central-1:123456789012:gone", "maxReceiveCount": 5}'
    assert refused(lambda: aws.sqs.Queue("q", name="q", redrive_policy=gone)) == ["dead_letters_that_are_not_here"]


def placed() -> aws.cloudwatch.EventRule:
    bus = aws.cloudwatch.EventBus("orders", name="orders")
    return aws.cloudwatch.EventRule(
        "placed", name="placed", event_bus_name=bus.name, event_pattern='{"source": ["orderly"]}'
    )


def target(rule: aws.cloudwatch.EventRule, arn: pulumi.Input[str], *, number: int = 0, **settings: Any) -> None:  # noqa: ANN401
    settings = {"event_bus_name": "orders", **settings}
    aws.cloudwatch.EventTarget(f"target-{number}", arn=arn, rule=rule.name, target_id=f"target-{number}", **settings)


def ruled(
    *,
    allowed: bool = True,
    source: str | None = None,
    bus: str | None = "orders",
    dead_letters: bool = False,
    dead_letters_allowed: bool = True,
    targets: int = 1,
    said: Statement | None = None,
    more: tuple[Statement, ...] = (),
    waits: tuple[str, ...] = ("queue", "dead"),
) -> Callable[[], None]:
    def declare() -> None:
        rule = placed()
        queue, dead = aws.sqs.Queue("queue", name="queue"), aws.sqs.Queue("dead", name="dead")
        policies = dict[str, pulumi.Resource]()
        if allowed:
            policies["queue"] = queue_policy(queue, EVENTS, source or rule.arn, *more, **(said or {}))
        if dead_letters_allowed:
            policies["dead"] = queue_policy(dead, EVENTS, rule.arn, name="dead")
        config = aws.cloudwatch.EventTargetDeadLetterConfigArgs(arn=dead.arn) if dead_letters else None
        opts = after(*(policy for name, policy in policies.items() if name in waits))
        for number in range(targets):
            target(rule, queue.arn, number=number, event_bus_name=bus, dead_letter_config=config, opts=opts)

    return declare


def redriven(*, allowed: str | None = None, name: str = "orders", **settings: Any) -> Callable[[], None]:  # noqa: ANN401
    def declare() -> None:
        dead = aws.sqs.Queue("dead", name="dead")
        queue = aws.sqs.Queue("queue", name=name, redrive_policy=redrive(dead), **settings)
        policy = {"redrivePermission": "byQueue", "sourceQueueArns": [allowed or queue.arn]}
        aws.sqs.RedriveAllowPolicy("dead", queue_url=dead.url, redrive_allow_policy=pulumi.Output.json_dumps(policy))

    return declare
