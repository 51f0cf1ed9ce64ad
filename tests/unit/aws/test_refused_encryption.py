"""Keys that a service may not use, so that what is encrypted with them never receives anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest

from tests.unit.aws.programs import after, document, queue_policy, refused, role, role_policy

EVENTS, TOPICS, ALARMS = "events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com"
LOGS = "logs.eu-central-1.amazonaws.com"
USE = ("kms:Decrypt", "kms:GenerateDataKey*")
Conditions = dict[str, dict[str, str]]
OUR_ACCOUNT: Conditions = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
ANOTHER_ACCOUNT: Conditions = {"StringEquals": {"aws:SourceAccount": "210987654321"}}


def test_an_alarm_s_topic_whose_key_does_not_let_alarms_in() -> None:
    assert refused(alarmed(ALARMS)) == []
    assert refused(alarmed(EVENTS)) == ["key_that_a_sender_cannot_use"] * 2
    assert refused(alarmed(ALARMS, "kms:Decrypt")) == ["key_that_a_sender_cannot_use"]


def test_an_alarm_s_topic_under_amazon_s_own_key() -> None:
    assert refused(alarmed(None)) == ["key_that_a_sender_cannot_use"]


@pytest.mark.parametrize(("sender", "others"), [(TOPICS, EVENTS), (EVENTS, TOPICS)])
def test_a_queue_whose_key_does_not_let_its_sender_in(sender: str, others: str) -> None:
    assert refused(sent(sender, key_for=sender)) == []
    assert refused(sent(sender, key_for=others)) == ["key_that_a_sender_cannot_use"] * 2


@pytest.mark.parametrize(
    ("where", "missing"),
    [
        (OUR_ACCOUNT, 0),
        (ANOTHER_ACCOUNT, 2),
        ({"StringLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-central-1:123456789012:*"}}, 0),
        ({"StringLike": {"kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-central-1:123456789012:x*"}}, 2),
        ({"StringEquals": {"kms:EncryptionContext:aws:sqs:arn": "arn:aws:sqs:eu-central-1:123456789012:x"}}, 2),
        ({"StringEquals": {"kms:ViaService": "sns.eu-central-1.amazonaws.com"}}, 0),
        ({"StringEquals": {"kms:ViaService": "sqs.eu-central-1.amazonaws.com"}}, 2),
    ],
)
def test_a_key_that_lets_alarms_in_for_something_else(where: Conditions, missing: int) -> None:
    assert refused(alarmed(ALARMS, where=where)) == ["key_that_a_sender_cannot_use"] * missing


@pytest.mark.parametrize(("sender", "missing"), [(TOPICS, 0), (EVENTS, 2)])
def test_a_key_that_asks_for_whom_a_service_acts_although_eventbridge_does_not_say(sender: str, missing: int) -> None:
    assert refused(sent(sender, key_for=sender, where=OUR_ACCOUNT)) == ["key_that_a_sender_cannot_use"] * missing


@pytest.mark.parametrize(("service", "missing"), [("sns", 0), ("sqs", 2)])
def test_a_role_that_may_use_a_topic_s_key_for_another_service_alone(service: str, missing: int) -> None:
    where = {"StringEquals": {"kms:ViaService": f"{service}.eu-central-1.amazonaws.com"}}
    assert refused(ruled(*USE, where=where)) == ["key_that_a_rules_role_cannot_use"] * missing


@pytest.mark.parametrize(("actions", "missing"), [(USE, 0), (("kms:Decrypt",), 1), ((), 2)])
def test_a_topic_whose_key_the_role_of_its_rule_cannot_use(actions: tuple[str, ...], missing: int) -> None:
    assert refused(ruled(*(actions or ("kms:DescribeKey",)))) == ["key_that_a_rules_role_cannot_use"] * missing


def test_a_log_group_whose_key_does_not_let_logs_in() -> None:
    def declare(service: str) -> None:
        aws.cloudwatch.LogGroup("orders", name="/orders", kms_key_id=key(service, "kms:Encrypt", *USE).arn)

    assert refused(lambda: declare(LOGS)) == []
    assert refused(lambda: declare("logs.amazonaws.com")) == ["key_that_logs_cannot_use"] * 3


def test_a_queue_with_a_key_and_sqs_s_own_encryption() -> None:
    def declare() -> None:
        aws.sqs.Queue("q", name="q", kms_master_key_id=key(TOPICS, *USE).arn, sqs_managed_sse_enabled=True)

    assert refused(declare) == ["two_ways_to_encrypt_a_queue"]


def alarmed(service: str | None, *actions: str, where: Conditions | None = None) -> Callable[[], None]:
    def declare() -> None:
        own: Any = key(service, *(actions or USE), where=where).id if service else "alias/aws/sns"
        topic = aws.sns.Topic("alarms", name="alarms", kms_master_key_id=own)
        aws.cloudwatch.MetricAlarm(
            "late",
            name="late",
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=1,
            alarm_actions=[topic.arn],
        )

    return declare


def ruled(*actions: str, where: Conditions | None = None) -> Callable[[], None]:
    def declare() -> None:
        own = key("cloudwatch.amazonaws.com", *USE)
        topic = aws.sns.Topic("orders", name="orders", kms_master_key_id=own.id)
        rule = aws.cloudwatch.EventRule("orders", name="orders", event_pattern='{"source": ["orderly"]}')
        acting = role("rule", service=EVENTS)
        publish = role_policy("publish", acting, "sns:Publish", on=topic.arn)
        encrypt = role_policy("encrypt", acting, *actions, on=own.arn, where=where)
        aws.cloudwatch.EventTarget(
            "orders",
            arn=topic.arn,
            rule=rule.name,
            target_id="orders",
            role_arn=acting.arn,
            opts=after(publish, encrypt),
        )

    return declare


def sent(sender: str, *, key_for: str, where: Conditions | None = None) -> Callable[[], None]:
    def declare() -> None:
        topic = aws.sns.Topic("orders", name="orders")
        rule = aws.cloudwatch.EventRule("orders", name="orders", event_pattern='{"source": ["orderly"]}')
        queue = aws.sqs.Queue("orders", name="orders", kms_master_key_id=key(key_for, *USE, where=where).arn)
        opts = after(queue_policy(queue, sender, topic.arn if sender == TOPICS else rule.arn))
        if sender == TOPICS:
            aws.sns.TopicSubscription("orders", topic=topic.arn, protocol="sqs", endpoint=queue.arn, opts=opts)
        else:
            aws.cloudwatch.EventTarget("orders", arn=queue.arn, rule=rule.name, target_id="orders", opts=opts)

    return declare


def key(service: str, *actions: str, where: Conditions | None = None) -> aws.kms.Key:
    statement = {"Principal": {"Service": service}, "Action": list(actions), "Resource": "*"}
    return aws.kms.Key("key", policy=document({**statement, "Condition": where or {}}))
