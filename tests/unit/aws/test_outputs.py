"""What AWS computes of a resource, as the recorder and the simulated provider answer."""

from __future__ import annotations

from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.aws.outputs import Place, UnknownResourceError, computed, invoked
from tests.graph import record

FUNCTION = "aws:lambda/function:Function"


def test_the_same_resource_is_computed_alike_every_time_and_another_is_not() -> None:
    place = Place()
    assert computed("aws:kms/key:Key", "orders", {}, place) == computed("aws:kms/key:Key", "orders", {}, place)
    assert computed("aws:kms/key:Key", "orders", {}, place) != computed("aws:kms/key:Key", "topics", {}, place)


def test_arns_are_in_the_region_of_the_explicit_provider_and_in_its_account() -> None:
    def program() -> dict[str, pulumi.Input[Any]]:
        provider = aws.Provider("aws", region="eu-west-1")
        queue = aws.sqs.Queue("orders", name="orders", opts=pulumi.ResourceOptions(provider=provider))
        caller = aws.get_caller_identity_output(opts=pulumi.InvokeOutputOptions(provider=provider))
        return {"arn": queue.arn, "account": caller.account_id}

    outputs = record(program).outputs
    assert outputs == {"arn": "arn:aws:sqs:eu-west-1:123456789012:orders", "account": "123456789012"}


def test_a_function_that_publishes_has_a_version_and_one_that_does_not_is_the_latest() -> None:
    assert computed(FUNCTION, "f", {"name": "f", "publish": True}, Place())[1]["version"] == "1"
    assert computed(FUNCTION, "f", {"name": "f"}, Place())[1]["version"] == "$LATEST"


def test_a_rule_s_arn_names_its_bus_unless_that_is_the_default_one() -> None:
    rule = "aws:cloudwatch/eventRule:EventRule"
    of_a_bus = computed(rule, "placed", {"name": "placed", "eventBusName": "orders"}, Place())[1]["arn"]
    assert of_a_bus.endswith(":rule/orders/placed")
    assert computed(rule, "placed", {"name": "placed"}, Place())[1]["arn"].endswith(":rule/placed")


def test_an_alias_is_called_by_its_own_arn_whether_its_function_is_named_or_not() -> None:
    named = {"name": "live", "functionName": "orders"}
    by_arn = {"name": "live", "functionName": "arn:aws:lambda:eu-central-1:123456789012:function:orders"}
    alias = "aws:lambda/alias:Alias"
    assert computed(alias, "live", named, Place()) == computed(alias, "live", by_arn, Place())


def test_a_question_or_a_type_that_nobody_answers_is_refused_with_where_to_add_it() -> None:
    with pytest.raises(UnknownResourceError, match="getRegion"):
        invoked("aws:index/getRegion:getRegion", Place())
    with pytest.raises(UnknownResourceError, match=r"service_outputs\.py"):
        computed("aws:ec2/vpc:Vpc", "vpc", {}, Place())
