"""Patterns, filters, tags and expressions that AWS parses while a resource is made."""

from __future__ import annotations

import json
from typing import Any

import pulumi_aws as aws
import pytest

from tests.unit.aws.programs import refused

TOPIC = "arn:aws:sns:eu-central-1:123456789012:orders"
BAD = [
    {"source": "orderly"},
    {"source": []},
    {"detail": {"type": "order.placed"}},
    {"detail": {"total": [{"above": 5}]}},
    {"detail": {"total": [{"numeric": [">", "5"]}]}},
    {"detail": {"total": [{"numeric": ["!=", 5]}]}},
    {"detail": {"total": [{"numeric": [">", 5, "<"]}]}},
    {"detail": {"total": [{"exists": "yes"}]}},
    {"$or": [{"source": "orderly"}]},
]
GOOD = {
    "source": ["orderly", {"prefix": "order"}],
    "$or": [{"a": [None]}, {"b": [1]}],
    "detail": {"total": [{"numeric": [">", 5, "<=", 10]}], "status": [{"anything-but": ["PAID"]}, {"exists": False}]},
}


def test_an_event_pattern_with_every_kind_of_choice_is_taken() -> None:
    assert refused(lambda: rule(event_pattern=json.dumps(GOOD))) == []


@pytest.mark.parametrize("pattern", [*map(json.dumps, BAD), "{", "[]"])
def test_an_event_pattern_that_aws_cannot_read(pattern: str) -> None:
    assert refused(lambda: rule(event_pattern=pattern)) == ["event_pattern_aws_cannot_read"]


def test_a_rule_with_neither_pattern_nor_schedule() -> None:
    assert refused(rule) == ["rule_without_a_pattern_or_schedule"]


@pytest.mark.parametrize(
    ("policy", "scope", "found"),
    [
        ({"type": ["order.placed"]}, "MessageAttributes", []),
        ({"order": {"type": ["order.placed"]}}, "MessageBody", []),
        ({"order": {"type": ["order.placed"]}}, "MessageAttributes", ["filter_policy_aws_cannot_read"]),
        ({"type": "order.placed"}, "MessageBody", ["filter_policy_aws_cannot_read"]),
        ({"type": [{"wildcard": "order.*"}]}, "MessageBody", ["filter_policy_aws_cannot_read"]),
    ],
)
def test_a_filter_policy_that_aws_cannot_read(policy: dict[str, Any], scope: str, found: list[str]) -> None:
    def declare() -> None:
        aws.sns.TopicSubscription(
            "orders",
            topic=TOPIC,
            protocol="email",
            endpoint="orders@example.com",
            filter_policy=json.dumps(policy),
            filter_policy_scope=scope,
        )

    assert refused(declare) == found


@pytest.mark.parametrize(("path", "found"), [("total", []), ("amount", ["template_that_names_an_unknown_path"])])
def test_a_template_that_names_a_path_that_is_not_there(path: str, found: list[str]) -> None:
    def declare() -> None:
        rule(event_pattern=json.dumps(GOOD))
        transformer = aws.cloudwatch.EventTargetInputTransformerArgs(
            input_template='{"total": <total>}', input_paths={path: "$.detail.total"}
        )
        aws.cloudwatch.EventTarget(
            "orders",
            rule="orders",
            target_id="orders",
            arn=aws.cloudwatch.LogGroup("orders", name="/orders").arn,
            input_transformer=transformer,
        )

    assert refused(declare) == found


@pytest.mark.parametrize("expression", ["cron(0 2 * * * *)", "cron(0 2 ? * ? *)", "cron(0 2 * * ?)"])
def test_a_cron_expression_without_one_question_mark_for_a_day(expression: str) -> None:
    assert refused(lambda: rule(schedule_expression="cron(0 2 * * ? *)")) == []
    assert refused(lambda: rule(schedule_expression=expression)) == ["cron_aws_cannot_read"]


@pytest.mark.parametrize(
    "tags", [{"aws:team": "x"}, {"team": "x" * 257}, {"team": "a|b"}, {f"t{n}": "x" for n in range(51)}]
)
def test_a_tag_that_aws_refuses(tags: dict[str, str]) -> None:
    assert refused(lambda: aws.sqs.Queue("orders", name="orders", tags={"team": "a b:c/d"})) == []
    assert refused(lambda: aws.sqs.Queue("orders", name="orders", tags=tags)) == ["tags_aws_refuses"]


def test_a_default_tag_that_aws_refuses() -> None:
    tags = aws.ProviderDefaultTagsArgs(tags={"team": "a|b"})
    assert refused(lambda: aws.Provider("aws", region="eu-west-1", default_tags=tags)) == ["tags_aws_refuses"]


def rule(**settings: Any) -> None:  # noqa: ANN401 any argument
    aws.cloudwatch.EventRule("orders", name="orders", **settings)
