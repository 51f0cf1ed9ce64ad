"""Conditions, as IAM compares them with what it is told of a request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.conditions import UnknownOperatorError, arn_like, hold, like, names_action

RULE = "arn:aws:events:eu-central-1:123456789012:rule/orders/placed"
TOLD = {"aws:SourceArn": RULE, "aws:SourceAccount": "123456789012", "aws:SecureTransport": "true"}


@pytest.mark.parametrize(
    ("conditions", "do"),
    [
        ({}, True),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, True),
        ({"StringEquals": {"aws:SourceAccount": "1234*"}}, False),
        ({"StringLike": {"aws:SourceAccount": ["9*", "1234*"]}}, True),
        ({"ArnEquals": {"AWS:sourcearn": "arn:aws:events:*:123456789012:rule/orders/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:123456789012:rule/other/*"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-orders"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}, "Bool": {"aws:SecureTransport": "false"}}, False),
        ({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "TENANT#*"}}, True),
        ({"Null": {"dynamodb:LeadingKeys": "false"}}, False),
        ({"Null": {"dynamodb:LeadingKeys": "true", "aws:SourceArn": "false"}}, True),
    ],
)
def test_conditions_hold_all_together_and_only_for_what_was_told(conditions: dict[str, Any], do: bool) -> None:
    assert hold(conditions, TOLD) is do


def test_an_operator_that_is_not_read_here_passes_for_nothing() -> None:
    with pytest.raises(UnknownOperatorError, match="ArnNotEquals"):
        hold({"ArnNotEquals": {"aws:SourceArn": RULE}}, TOLD)


def test_a_wildcard_stands_for_any_text_and_a_question_mark_for_one_character() -> None:
    assert like("arn:aws:sqs:*:orders", "arn:aws:sqs:eu-central-1:123456789012:orders")
    assert names_action("sqs:send?essage", "sqs:SendMessage")
    assert not names_action("sqs:Send?", "sqs:SendMessage")
    assert not like("arn.aws", "arn:aws")


def test_case_counts_but_in_actions() -> None:
    assert names_action("SQS:*", "sqs:SendMessage")
    assert not like("A*", "abc")
    assert not arn_like(RULE.replace("orders", "ORDERS"), RULE)


def test_a_wildcard_of_an_arns_part_stays_in_its_part() -> None:
    assert arn_like("arn:aws:events:*:123456789012:rule/*", RULE)
    assert not arn_like("arn:aws:events:*:rule/orders/placed", RULE)
