"""The state machine of both kinds: what it calls, who may start it, what is logged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.database import Database, DatabaseArgs
from components.function import Function
from components.saga.order import ORDER_SAGA
from components.workflow import Durability, Workflow, WorkflowArgs
from functions.adapters.aws import keys
from tests.graph import Graph, build, config
from tests.unit.components.aws.policies import allowed, allowing, trusting
from tests.unit.components.making import Make, function_args, made_alone

KINDS: tuple[Durability, ...] = ("standard", "express")
RECORDING = {ORDER_SAGA.on_failed, ORDER_SAGA.on_rejected}


def order(durability: Durability) -> Graph:
    def wire(make: Make) -> None:
        guard = make(Database, "orders", DatabaseArgs(deletion_protection=False, point_in_time_recovery=False))
        recorder, worker = make(Function, "recorder", function_args()), make(Function, "worker", function_args())
        tasks = {task: recorder if task in RECORDING else worker for task in ORDER_SAGA.tasks()}
        args = WorkflowArgs(saga=ORDER_SAGA, tasks=tasks, durability=durability, guard=guard)
        workflow = make(Workflow, "order", args)
        make(Function, "fulfil", function_args(workflow.starter()))

    return made_alone("aws", wire)


@pytest.fixture(scope="module", params=KINDS)
def durability(request: pytest.FixtureRequest) -> Durability:
    kind: Durability = request.param
    return kind


@pytest.fixture(scope="module")
def graph(durability: Durability) -> Graph:
    return order(durability)


def state_machine(graph: Graph) -> Mapping[str, Any]:
    return graph.one("sfn.StateMachine", "order").state


def variables(graph: Graph) -> Mapping[str, str]:
    found: Mapping[str, str] = graph.one("lambda.Function", "fulfil").inputs["environment"]["variables"]
    return found


def test_it_is_of_the_kind_that_was_asked_for_and_says_so_to_who_starts_it(
    graph: Graph, durability: Durability
) -> None:
    assert state_machine(graph)["type"] == durability.upper()
    assert variables(graph)["ORDERLY_WORKFLOW"] == state_machine(graph)["arn"]
    assert variables(graph)["ORDERLY_WORKFLOW_KIND"] == durability


def test_every_task_is_called_by_the_alias_of_the_function_that_performs_it(graph: Graph) -> None:
    called = set(_calls(json.loads(state_machine(graph)["definition"])))
    aliases = {name: graph.one("lambda.Alias", name).state["arn"] for name in ("recorder", "worker")}
    assert called == {(task, aliases["recorder" if task in RECORDING else "worker"]) for task in ORDER_SAGA.tasks()}


def test_its_role_invokes_those_aliases_once_each_and_delivers_logs_and_traces(graph: Graph) -> None:
    invoked = [each["Resource"] for each in allowing(graph, "order-workflow", "lambda:InvokeFunction")]
    assert sorted(invoked) == [[graph.one("lambda.Alias", name).state["arn"]] for name in ("recorder", "worker")]
    unscoped = {action for each in allowed(graph, "order-workflow") for action in each["Action"]} - {
        "lambda:InvokeFunction"
    }
    assert {action.partition(":")[0] for action in unscoped} == {"logs", "xray"}
    assert len(unscoped) == 12


def test_it_waits_for_the_right_to_deliver_its_logs(graph: Graph) -> None:
    """Step Functions refuses a state machine whose role may not."""
    policy = graph.one("iam.RolePolicy", "order-workflow")
    assert policy.urn in graph.one("sfn.StateMachine", "order").dependencies


def test_step_functions_assumes_the_role_for_this_state_machine_alone(graph: Graph) -> None:
    trust = trusting(graph, "order-workflow")
    assert trust["Principal"] == {"Service": "states.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnEquals": {"aws:SourceArn": state_machine(graph)["arn"]},
    }


def test_errors_are_logged_and_where_there_is_no_other_history_everything(graph: Graph, durability: Durability) -> None:
    logging = state_machine(graph)["loggingConfiguration"]
    assert logging["level"] == {"standard": "ERROR", "express": "ALL"}[durability]
    assert logging["includeExecutionData"] is False
    log_group = graph.one("cloudwatch.LogGroup", "order")
    assert log_group.inputs["name"] == f"/aws/vendedlogs/states/{state_machine(graph)['name']}"
    assert logging["logDestination"] == f"{log_group.state['arn']}:*"
    assert state_machine(graph)["tracingConfiguration"] == {"enabled": True}


def test_a_starter_starts_runs_of_this_state_machine(graph: Graph) -> None:
    (start,) = allowing(graph, "fulfil", "states:StartExecution")
    assert (start["Action"], start["Resource"]) == (["states:StartExecution"], [state_machine(graph)["arn"]])


def test_a_standard_runs_starter_knows_no_database() -> None:
    graph = order("standard")
    assert "ORDERLY_DATABASE" not in variables(graph)
    assert not allowing(graph, "fulfil", "dynamodb:PutItem")


def test_an_express_runs_starter_remembers_runs_and_reaches_nothing_else_of_the_table() -> None:
    graph = order("express")
    table = graph.one("dynamodb.Table", "orders").state
    (remember,) = allowing(graph, "fulfil", "dynamodb:PutItem")
    assert remember["Action"] == ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    assert remember["Resource"] == [table["arn"]]
    assert remember["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["RUN#*"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    assert keys.item_key("run", "x")["pk"]["S"].startswith("RUN#")
    assert variables(graph)["ORDERLY_DATABASE"] == table["name"]


def test_another_durability_has_another_name() -> None:
    """A state machine's type cannot change, and its name is taken until its last run has ended."""
    assert state_machine(order("standard"))["name"] != state_machine(order("express"))["name"]


def _calls(found: object) -> list[tuple[str, str]]:
    """The task and the function of every call in a definition."""
    if isinstance(found, list):
        return [call for each in found for call in _calls(each)]
    if not isinstance(found, dict):
        return []
    if "FunctionName" in found:
        return [(found["Payload"]["task"], found["FunctionName"])]
    return _calls(list(found.values()))


@pytest.mark.parametrize(("stage", "is_protected"), [("dev", False), ("prod", True)])
def test_what_holds_runs_under_way_is_not_replaced_in_production(stage: str, *, is_protected: bool) -> None:
    graph = build(config("aws", stage=stage))
    assert graph.one("sfn.StateMachine", "order").protect is is_protected
