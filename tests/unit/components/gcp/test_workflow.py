"""The workflow: what it calls and as whom, who may start it, what is watched of it."""

from __future__ import annotations

import ast
import json

import pytest

from components.database import Database, DatabaseArgs
from components.function import Function
from components.gcp._workflow_alarms import UNDONE
from components.saga.order import ORDER_SAGA
from components.saga.workflows import compile_workflow
from components.workflow import Workflow, WorkflowArgs
from tests.architecture.source import modules
from tests.graph import Graph, Resource, build, config
from tests.readings import READINGS
from tests.unit.components.gcp.members import May, may
from tests.unit.components.gcp.waiting import waited_for
from tests.unit.components.making import Make, function_args, made_alone


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(config("gcp"))


@pytest.fixture(scope="module")
def workflow(graph: Graph) -> Resource:
    return graph.one("workflows.Workflow", "order")


def performing(graph: Graph) -> set[str]:
    return set(READINGS["gcp"].performers(graph).values())


def test_it_is_the_saga_compiled_for_the_addresses_of_the_functions(graph: Graph, workflow: Resource) -> None:
    performers = READINGS["gcp"].performers(graph)
    addresses = {
        task: graph.one("cloudfunctionsv2.Function", function).state["serviceConfig"]["uri"]
        for task, function in performers.items()
    }
    assert workflow.inputs["sourceContents"] == compile_workflow(ORDER_SAGA, addresses)
    assert json.loads(workflow.inputs["sourceContents"]).keys() >= {"main"}


def test_it_may_call_the_functions_that_perform_tasks_and_write_logs_and_nothing_else(graph: Graph) -> None:
    calls = {May(role="run.invoker", on=function) for function in performing(graph)}
    assert may(graph, "order-workflow") == {*calls, May(role="logging.logWriter", on="project")}


def test_it_acts_as_its_own_account(graph: Graph, workflow: Resource) -> None:
    assert workflow.inputs["serviceAccount"] == graph.one("serviceaccount.Account", "order-workflow").state["name"]


def test_it_is_there_once_it_may_call(graph: Graph, workflow: Resource) -> None:
    before = waited_for(graph, workflow)
    assert {("cloudrunv2.ServiceIamMember", f"{each}-order-workflow") for each in performing(graph)} <= before
    assert ("projects.IAMMember", "order-workflow-logging") in before
    assert {("projects.Service", "workflows"), ("projects.Service", "workflowexecutions")} <= before


def test_whoever_starts_it_may_also_keep_who_was_started(graph: Graph, workflow: Resource) -> None:
    granted = {(each.role, each.on) for each in may(graph, "fulfil")}
    assert granted >= {("order-start", "project"), ("orders-start", "project")}
    variables = graph.one("cloudfunctionsv2.Function", "fulfil").inputs["serviceConfig"]["environmentVariables"]
    assert variables["ORDERLY_WORKFLOW"] == workflow.id
    assert variables["ORDERLY_DATABASE"] == graph.one("firestore.Database", "orders").inputs["name"]


def test_who_starts_two_workflows_with_one_guard_may_write_to_it_by_one_grant() -> None:
    def wire(make: Make) -> None:
        guard = make(Database, "orders", DatabaseArgs(deletion_protection=False, point_in_time_recovery=False))
        tasks = dict.fromkeys(ORDER_SAGA.tasks(), make(Function, "worker", function_args()))
        args = WorkflowArgs(saga=ORDER_SAGA, tasks=tasks, durability="standard", guard=guard)
        first, second = make(Workflow, "first", args), make(Workflow, "second", args)
        starts = make(Function, "starts", function_args(first.starter()))
        second.grant_start(starts.identity)

    members = [each.name for each in made_alone("gcp", wire) if each.kind == "projects.IAMMember"]
    assert sorted(name for name in members if "-starts-" in name) == [
        "first-starts-starter",
        "orders-starts-start",
        "second-starts-starter",
    ]


def test_who_may_start_it_may_do_nothing_else_with_a_workflow(graph: Graph) -> None:
    """Google's own role for it reads and cancels every execution of the project."""
    assert graph.one("projects.IAMCustomRole", "order-start").inputs["permissions"] == ["workflows.executions.create"]
    assert not [each for each in graph if str(each.inputs.get("role")).startswith("roles/workflows.invoker")]


def test_nobody_else_may_start_it(graph: Graph) -> None:
    role = graph.one("projects.IAMCustomRole", "order-start").state["name"]
    members = graph.of("projects.IAMMember").values()
    starting = {each.inputs["member"] for each in members if each.inputs["role"] == role}
    assert starting == {graph.one("serviceaccount.Account", "fulfil").state["member"]}


@pytest.mark.parametrize(("stage", "is_protected"), [("dev", False), ("prod", True)])
def test_what_holds_runs_under_way_cannot_be_deleted_in_production(stage: str, *, is_protected: bool) -> None:
    found = build(config("gcp", stage=stage)).one("workflows.Workflow", "order")
    assert found.inputs["deletionProtection"] is is_protected


@pytest.mark.parametrize(("about", "status"), [("stuck-sagas", "FAILED"), ("aborted-sagas", "CANCELLED")])
def test_a_run_that_does_not_end_by_itself_is_watched(
    graph: Graph, workflow: Resource, about: str, status: str
) -> None:
    (condition,) = graph.one("monitoring.AlertPolicy", f"workflow-order-{about}").inputs["conditions"]
    said = condition["conditionThreshold"]["filter"]
    assert f'metric.labels.status = "{status}"' in said
    assert f'resource.labels.workflow_id = "{workflow.inputs["name"]}"' in said


def test_steps_that_stay_undone_are_counted_where_they_are_logged(graph: Graph) -> None:
    metric = graph.one("logging.Metric", "order-compensations").inputs
    recording = graph.one("cloudfunctionsv2.Function", "order-tasks").inputs["name"]
    assert f'resource.labels.service_name="{recording}"' in metric["filter"]
    assert f'jsonPayload.message="{UNDONE}"' in metric["filter"]


def test_what_is_counted_is_what_the_functions_log() -> None:
    logged = [
        node.args[0].value
        for path in modules("functions.entrypoints").values()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "error"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert UNDONE in logged
