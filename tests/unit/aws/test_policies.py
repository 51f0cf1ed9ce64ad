"""What least privilege asks of the policies of a graph."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest

from tests.aws import policies
from tests.unit.aws.programs import document, graph, role, role_policy

EVENTS = "events.amazonaws.com"
REASONS = {"xray:PutTraceSegments": "X-Ray knows no resources"}


def test_an_action_with_a_wildcard() -> None:
    assert wildcards(allowed("sqs:SendMessage", on="arn:aws:sqs:eu-central-1:123456789012:orders")) == []
    found = wildcards(allowed("sqs:*", on="arn:aws:sqs:eu-central-1:123456789012:orders"))
    assert found == ["iam.RolePolicy orders: sqs:* has a wildcard"]


def test_any_resource_of_an_action_that_has_narrower_ones() -> None:
    assert wildcards(allowed("xray:PutTraceSegments")) == []
    assert wildcards(allowed("xray:PutTraceSegments", "sqs:SendMessage")) == [
        "iam.RolePolicy orders: sqs:SendMessage on *"
    ]


def test_a_policy_for_anybody() -> None:
    def declare() -> None:
        bucket = aws.s3.Bucket("orders", bucket="orders")
        statement = {"Principal": "*", "Action": "s3:GetObject", "Resource": bucket.arn}
        aws.s3.BucketPolicy("orders", bucket=bucket.bucket, policy=document(statement))

    assert wildcards(declare) == ["s3.BucketPolicy orders: anybody may"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({}, ["sqs.QueuePolicy orders: events.amazonaws.com may act for any account"]),
        (
            {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}},
            ["sqs.QueuePolicy orders: events.amazonaws.com may act for any account"],
        ),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, []),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:eu-central-1:123456789012:rule/*"}}, []),
    ],
)
def test_a_service_that_may_act_for_any_account(condition: dict[str, Any], found: list[str]) -> None:
    def declare() -> None:
        queue = aws.sqs.Queue("orders", name="orders")
        statement = {
            "Principal": {"Service": EVENTS},
            "Action": "sqs:SendMessage",
            "Resource": queue.arn,
            "Condition": condition,
        }
        aws.sqs.QueuePolicy("orders", queue_url=queue.url, policy=document(statement))

    assert deputies(declare) == found


def test_a_role_that_a_service_may_assume_for_any_account() -> None:
    assert deputies(lambda: role("orders")) == []
    found = deputies(lambda: role("orders", service="scheduler.amazonaws.com"))
    assert found == ["iam.Role orders: scheduler.amazonaws.com may act for any account"]


def test_a_permission_without_a_source() -> None:
    def declare() -> None:
        aws.lambda_.Permission("orders", action="lambda:InvokeFunction", function="orders", principal=EVENTS)

    assert deputies(declare) == ["lambda.Permission orders: events.amazonaws.com may act for any account"]


def test_policies_of_one_role_that_are_too_large_together() -> None:
    def declare(characters: int) -> None:
        own = role("orders")
        role_policy("first", own, "sqs:SendMessage", on="x" * 5_000)
        role_policy("second", own, "sqs:SendMessage", on="x" * characters)

    assert sizes(lambda: declare(5_000)) == []
    (found,) = sizes(lambda: declare(5_100))
    assert re.fullmatch("role orders: its policies have 10[0-9]{3} characters; allowed are 10240", found)


def test_a_trust_that_is_too_large() -> None:
    def declare(characters: int) -> None:
        aws.iam.Role("orders", name="orders", assume_role_policy=document({"Resource": "x" * characters}))

    assert sizes(lambda: declare(1_900)) == []
    assert len(sizes(lambda: declare(2_000))) == 1


def allowed(*actions: str, on: str = "*") -> Callable[[], object]:
    return lambda: role_policy("orders", role("orders"), *actions, on=on)


def wildcards(declare: Callable[[], object]) -> list[str]:
    return list(policies.unneeded_wildcards(graph(declare), unscoped=REASONS))


def deputies(declare: Callable[[], object]) -> list[str]:
    return list(policies.confused_deputies(graph(declare), unconditioned={}))


def sizes(declare: Callable[[], object]) -> list[str]:
    return list(policies.too_large(graph(declare)))
