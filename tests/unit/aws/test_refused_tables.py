"""Tables, workflows and log groups that AWS does not make."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pytest

from tests.unit.aws.programs import after, function, refused, role, role_policy
from tests.unit.aws.test_refused_access import LOGS

KEY = aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name="gsi", key_type="HASH")


def test_a_table_whose_attributes_are_its_keys_is_taken() -> None:
    assert refused(lambda: table("pk", "gsi", indexes=[index()])) == []


def test_an_attribute_that_nothing_is_indexed_by() -> None:
    assert refused(lambda: table("pk", "status")) == ["attribute_that_is_no_key"]


def test_a_key_that_is_no_attribute() -> None:
    assert refused(lambda: table("pk", indexes=[index()])) == ["key_that_is_no_attribute"]


@pytest.mark.filterwarnings("ignore:hash_key is deprecated")
def test_an_index_with_key_schemas_and_a_hash_key() -> None:
    assert refused(lambda: table("pk", "gsi", indexes=[index(hash_key="gsi")])) == ["index_with_two_kinds_of_keys"]


def test_more_indexes_than_a_table_has() -> None:
    assert refused(lambda: table("pk", "gsi", indexes=[index(f"gsi{n}") for n in range(20)])) == []
    found = refused(lambda: table("pk", "gsi", indexes=[index(f"gsi{n}") for n in range(21)]))
    assert found == ["more_indexes_than_a_table_has"]


def test_a_provisioned_table_without_capacity_and_one_by_request_with_it() -> None:
    wrong = ["capacity_that_does_not_fit_the_billing"]
    assert refused(lambda: table("pk", billing_mode="PROVISIONED", read_capacity=1, write_capacity=1)) == []
    assert refused(lambda: table("pk", billing_mode="PROVISIONED", read_capacity=1)) == wrong
    assert refused(lambda: table("pk", billing_mode=None)) == wrong
    assert refused(lambda: table("pk", read_capacity=1)) == wrong


def test_a_stream_without_a_view() -> None:
    assert refused(lambda: table("pk", stream_enabled=True, stream_view_type="KEYS_ONLY")) == []
    assert refused(lambda: table("pk", stream_enabled=True)) == ["stream_without_a_view"]


@pytest.mark.parametrize(
    ("name", "suffix", "found"),
    [
        ("/aws/vendedlogs/states/orders", ":*", []),
        ("/aws/vendedlogs/states/orders", "", ["workflow_logs_to_what_it_cannot_name"]),
        ("/orders", ":*", ["workflow_logs_to_what_it_cannot_name"]),
    ],
)
def test_a_workflow_s_log_group_named_otherwise(name: str, suffix: str, found: list[str]) -> None:
    def declare() -> None:
        own = role("orders", service="states.amazonaws.com")
        policy = role_policy("orders", own, *LOGS)
        logs = aws.cloudwatch.LogGroup("orders", name=name)
        logging = aws.sfn.StateMachineLoggingConfigurationArgs(
            level="ALL", log_destination=logs.arn.apply(lambda arn: arn + suffix)
        )
        aws.sfn.StateMachine(
            "orders",
            name="orders",
            definition="{}",
            role_arn=own.arn,
            logging_configuration=logging,
            opts=after(policy),
        )

    assert refused(declare) == found


def test_a_function_that_logs_to_a_group_that_is_not_there() -> None:
    logging = aws.lambda_.FunctionLoggingConfigArgs(log_format="JSON", log_group="/orders")
    assert refused(lambda: function(logging_config=logging)) == ["logs_written_to_a_group_that_is_not_here"]


def table(*attributes: str, indexes: Any = None, **settings: Any) -> None:  # noqa: ANN401 any argument
    aws.dynamodb.Table(
        "orders",
        name="orders",
        hash_key="pk",
        attributes=[aws.dynamodb.TableAttributeArgs(name=name, type="S") for name in attributes],
        global_secondary_indexes=indexes,
        **{"billing_mode": "PAY_PER_REQUEST", **settings},
    )


def index(name: str = "gsi1", **settings: Any) -> aws.dynamodb.TableGlobalSecondaryIndexArgs:  # noqa: ANN401
    return aws.dynamodb.TableGlobalSecondaryIndexArgs(name=name, projection_type="ALL", key_schemas=[KEY], **settings)
