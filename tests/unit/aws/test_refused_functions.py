"""Functions that AWS does not make, or that nothing can call."""

from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pytest

from tests.unit.aws.programs import alias, function, permission, refused

EVENTS = "events.amazonaws.com"
RULE = "arn:aws:events:eu-central-1:123456789012:rule/orders/placed"


def test_a_function_with_an_alias_that_its_caller_has_a_permission_for_is_taken() -> None:
    assert refused(_called("live")) == []


@pytest.mark.parametrize("qualifier", [None, "1"])
def test_permission_without_the_qualifier_of_the_alias_that_is_called(qualifier: str | None) -> None:
    assert refused(_called(qualifier)) == ["permission_without_the_alias"]


def test_environment_variables_over_four_kilobytes() -> None:
    assert refused(lambda: function(environment=_environment(ORDERLY_NOTE="x" * 4_084))) == []
    assert refused(lambda: function(environment=_environment(ORDERLY_NOTE="x" * 4_085))) == ["environment_too_large"]


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "TZ"])
def test_an_environment_variable_that_is_lambdas_own(name: str) -> None:
    assert refused(lambda: function(environment=_environment(**{name: "x"}))) == ["reserved_variable"]


def test_snapstart_with_provisioned_concurrency() -> None:
    assert refused(_provisioned(snap="None")) == []
    assert refused(_provisioned(snap="PublishedVersions")) == ["snapshot_with_what_excludes_it"]


def test_snapstart_with_a_large_disk() -> None:
    def declare(size: int) -> None:
        function(
            snap_start=aws.lambda_.FunctionSnapStartArgs(apply_on="PublishedVersions"),
            ephemeral_storage=aws.lambda_.FunctionEphemeralStorageArgs(size=size),
        )

    assert refused(lambda: declare(512)) == []
    assert refused(lambda: declare(513)) == ["snapshot_with_what_excludes_it"]


def test_a_weighted_alias_with_provisioned_concurrency() -> None:
    weights = aws.lambda_.AliasRoutingConfigArgs(additional_version_weights={"2": 0.1})
    assert refused(_provisioned(routing_config=weights)) == ["weighted_alias_with_provisioned_concurrency"]


def test_an_alias_of_what_is_not_published() -> None:
    assert refused(lambda: alias(function(), version="$LATEST")) == ["alias_of_an_unpublished_version"]


def test_reserved_concurrency_that_leaves_the_account_less_than_it_has_to_keep() -> None:
    def declare(second: int) -> None:
        function("first", reserved_concurrent_executions=500)
        function("second", reserved_concurrent_executions=second)

    assert refused(lambda: declare(400)) == []
    assert refused(lambda: declare(401)) == ["concurrency_beyond_the_account"]


def test_provisioned_concurrency_beyond_the_reserved() -> None:
    assert refused(_provisioned(reserved=2)) == []
    assert refused(_provisioned(reserved=1)) == ["concurrency_beyond_the_reserved"]


def _called(qualifier: str | None) -> Any:  # noqa: ANN401 a program
    def declare() -> None:
        called = function()
        alias(called)
        permission(called, EVENTS, RULE, qualifier=qualifier)

    return declare


def _provisioned(*, snap: str = "None", reserved: int | None = None, **settings: Any) -> Any:  # noqa: ANN401
    def declare() -> None:
        called = function(
            snap_start=aws.lambda_.FunctionSnapStartArgs(apply_on=snap), reserved_concurrent_executions=reserved
        )
        live = alias(called, **settings)
        aws.lambda_.ProvisionedConcurrencyConfig(
            "warm", function_name=called.name, qualifier=live.name, provisioned_concurrent_executions=2
        )

    return declare


def _environment(**variables: str) -> aws.lambda_.FunctionEnvironmentArgs:
    return aws.lambda_.FunctionEnvironmentArgs(variables=variables)
