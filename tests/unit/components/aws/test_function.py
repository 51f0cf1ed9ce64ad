"""Lambda as an expert sets it up: arm64, its own role and log group, called by its alias, never cold where it hurts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.function import Function
from components.queue import Queue
from tests.graph import Graph, build, config
from tests.unit.components.aws.policies import allowed
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


def _with(stage: str = "dev", **block: Any) -> Graph:  # noqa: ANN401 whatever the block may have
    return build(config("aws", stage=stage, aws={"region": "eu-central-1", "account": "123456789012", **block}))


@pytest.fixture(scope="module")
def system() -> Graph:
    return _with()


def test_every_function_runs_python_on_arm_and_publishes_each_version(system: Graph) -> None:
    for function in system.of("lambda.Function").values():
        assert function.inputs["runtime"] == "python3.13"
        assert function.inputs["architectures"] == ["arm64"]
        assert function.inputs["publish"] is True
        assert function.inputs["tracingConfig"] == {"mode": "Active"}


def test_every_function_writes_json_to_a_log_group_of_its_own_that_forgets(system: Graph) -> None:
    for name, function in system.of("lambda.Function").items():
        logging = function.inputs["loggingConfig"]
        assert logging["logFormat"] == "JSON"
        assert logging["applicationLogLevel"] == "TRACE"  # above INFO Lambda drops metrics, whose lines have no level
        (group,) = (
            found for found in system.of("cloudwatch.LogGroup").values() if found.inputs["name"] == logging["logGroup"]
        )
        assert group.inputs["retentionInDays"] == 30
        assert group.parent.endswith(f"::{name}")


def test_every_handler_is_one_of_the_entry_points(system: Graph) -> None:
    from functions.entrypoints.aws.handlers import MODULES

    strings = {function.inputs["handler"] for function in system.of("lambda.Function").values()}
    assert {string.removeprefix("functions.entrypoints.aws.handlers.") for string in strings} <= set(MODULES)


def test_the_alias_is_the_version_that_was_published_last(system: Graph) -> None:
    assert set(system.of("lambda.Alias")) == set(system.of("lambda.Function"))
    for name, alias in system.of("lambda.Alias").items():
        function = system.one("lambda.Function", name)
        assert alias.inputs == {
            "name": "live",
            "functionName": function.state["name"],
            "functionVersion": function.state["version"],
        }


def test_a_function_waits_for_its_permissions(system: Graph) -> None:
    for name, function in system.of("lambda.Function").items():
        assert system.one("iam.RolePolicy", name).urn in function.dependencies


def test_a_function_without_links_may_log_and_trace() -> None:
    def wire(make: Make) -> None:
        make(Function, "idle", function_args())

    graph = made_alone("aws", wire)
    log, trace = allowed(graph, "idle")
    assert log["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert log["Resource"] == [f"{graph.one('cloudwatch.LogGroup', 'idle').state['arn']}:*"]
    assert trace["Action"] == ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    assert trace["Resource"] == ["*"]


def test_what_is_granted_after_the_function_exists_is_a_policy_of_its_own() -> None:
    def wire(make: Make) -> None:
        caller, called = make(Function, "caller", function_args()), make(Function, "called", function_args())
        called.grant_invoke(caller.identity)
        make(Queue, "parcels", QUEUE).grant_send(caller.identity)

    graph = made_alone("aws", wire)
    assert set(graph.of("iam.RolePolicy")) == {"caller", "caller-2", "caller-3", "called"}
    (invoke,) = json.loads(graph.one("iam.RolePolicy", "caller-2").inputs["policy"])["Statement"]
    assert invoke["Resource"] == [graph.one("lambda.Alias", "called").state["arn"]]


def test_concurrency_is_reserved_where_it_is_asked_for() -> None:
    graph = _with(reserved_concurrency={"api": 50})
    assert graph.one("lambda.Function", "api").inputs["reservedConcurrentExecutions"] == 50
    assert "reservedConcurrentExecutions" not in graph.one("lambda.Function", "relay").inputs


def test_in_production_the_api_is_kept_ready_and_follows_the_load() -> None:
    graph = _with(stage="prod")
    (ready,) = graph.of("lambda.ProvisionedConcurrencyConfig").values()
    alias = graph.one("lambda.Alias", "api")
    assert ready.inputs == {
        "functionName": alias.inputs["functionName"],
        "qualifier": "live",
        "provisionedConcurrentExecutions": 10,
    }
    (target,) = graph.of("appautoscaling.Target").values()
    assert target.inputs["resourceId"] == f"function:{alias.inputs['functionName']}:live"
    assert (target.inputs["minCapacity"], target.inputs["maxCapacity"]) == (10, 20)
    (policy,) = graph.of("appautoscaling.Policy").values()
    tracking = policy.inputs["targetTrackingScalingPolicyConfiguration"]
    assert tracking["targetValue"] == 0.7
    assert tracking["predefinedMetricSpecification"] == {
        "predefinedMetricType": "LambdaProvisionedConcurrencyUtilization"
    }


def test_the_most_that_is_kept_ready_can_be_chosen() -> None:
    (target,) = _with(stage="prod", provisioned_maximum=64).of("appautoscaling.Target").values()
    assert target.inputs["maxCapacity"] == 64


def test_a_snapshot_is_made_only_of_what_a_caller_waits_for() -> None:
    graph = _with(stage="prod", cold_start="snapstart")
    resumed = {name for name, found in graph.of("lambda.Function").items() if "snapStart" in found.inputs}
    assert resumed == {"api", "issuer-pre-token"}
    assert graph.one("lambda.Function", "api").inputs["snapStart"] == {"applyOn": "PublishedVersions"}
    assert graph.of("lambda.ProvisionedConcurrencyConfig") == {}


def test_nothing_is_kept_ready_where_that_is_not_wanted() -> None:
    graph = _with(stage="prod", cold_start="none")
    assert graph.of("lambda.ProvisionedConcurrencyConfig") == {}
    assert not any("snapStart" in found.inputs for found in graph.of("lambda.Function").values())
