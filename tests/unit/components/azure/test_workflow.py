"""What only Durable Functions has: an app of its own, the definition as a setting, two back ends, a guard."""

from __future__ import annotations

import hashlib
import json

import pytest

from components.azure._package import package
from components.saga.durable import compile_durable
from components.saga.order import ORDER_SAGA
from tests.azure.reading import settings
from tests.graph import Graph, build, config
from tests.unit.components.azure.access import May, may
from tests.unit.components.azure.place import BLOCK

TASK_APPS = ("order-tasks", "inventory-tasks", "payment-tasks", "delivery-tasks")


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(config("azure"))


@pytest.fixture(scope="module")
def scheduled() -> Graph:
    return build(config("azure", azure={**BLOCK, "durable_backend": "scheduler"}))


def test_the_definition_is_a_setting_that_each_run_is_started_with(graph: Graph) -> None:
    told = settings(graph.one("web.WebApp", "order-workflow"))
    assert json.loads(told["ORDERLY_SAGA"]) == json.loads(compile_durable(ORDER_SAGA))
    assert "\n" not in told["ORDERLY_SAGA"]
    assert (told["ORDERLY_HANDLER"], told["AZURE_FUNCTIONS_DURABLE_STRICT_TYPING"]) == ("workflow", "1")


def test_each_task_is_called_at_its_app(graph: Graph) -> None:
    tasks = json.loads(settings(graph.one("web.WebApp", "order-workflow"))["ORDERLY_TASKS"])
    assert set(tasks) == ORDER_SAGA.tasks()
    app = graph.one("web.WebApp", "payment-tasks").inputs["name"]
    assert tasks["process-payment"] == f"https://{app}.azurewebsites.net/task"


def test_the_tasks_apps_let_in_the_workflow_alone(graph: Graph) -> None:
    workflow = graph.one("managedidentity.UserAssignedIdentity", "order-workflow").state["principalId"]
    for name in TASK_APPS:
        policy = graph.one("web.WebAppAuthSettingsV2", name).inputs["identityProviders"]["azureActiveDirectory"][
            "validation"
        ]["defaultAuthorizationPolicy"]
        assert policy["allowedPrincipals"] == {"identities": [workflow]}


def test_the_workflow_lets_in_whoever_starts_runs_alone(graph: Graph) -> None:
    starter = graph.one("managedidentity.UserAssignedIdentity", "fulfil").state
    policy = graph.one("web.WebAppAuthSettingsV2", "order-workflow").inputs["identityProviders"][
        "azureActiveDirectory"
    ]["validation"]["defaultAuthorizationPolicy"]
    assert policy["allowedPrincipals"] == {"identities": [starter["principalId"]]}
    assert policy["allowedApplications"] == [starter["clientId"]]


def test_whoever_starts_runs_may_write_the_guard_and_nothing_else_of_the_database(graph: Graph) -> None:
    assert {each for each in may(graph, "fulfil") if each.on.startswith("/")} == {
        May(role="orders-guard", on="/dbs/orders/colls/runs")
    }


def test_callers_know_address_audience_and_guard(graph: Graph) -> None:
    told, app = settings(graph.one("web.WebApp", "fulfil")), graph.one("web.WebApp", "order-workflow").inputs["name"]
    assert told["ORDERLY_WORKFLOW"] == f"https://{app}.azurewebsites.net/runs"
    assert told["ORDERLY_AUDIENCE"] == "bbbbbbbb-cccc-dddd-eeee-ffffffffffff"
    assert told["ORDERLY_DATABASE"] == "orders"


def test_a_start_keeps_others_from_its_run_no_longer_than_its_function_may_take(graph: Graph) -> None:
    assert settings(graph.one("web.WebApp", "fulfil"))["ORDERLY_LEASE_SECONDS"] == "20"
    quick = build(config("azure", functions={"timeout": "5s"}))
    assert settings(quick.one("web.WebApp", "fulfil"))["ORDERLY_LEASE_SECONDS"] == "5"


def test_the_workflows_threads_are_enough_for_all_that_it_does_at_once(graph: Graph) -> None:
    told = settings(graph.one("web.WebApp", "order-workflow"))
    of_durable = "AzureFunctionsJobHost__extensions__durableTask__maxConcurrent"
    activities, orchestrators = (int(told[f"{of_durable}{kind}Functions"]) for kind in ("Activity", "Orchestrator"))
    assert (activities, orchestrators) == (16, 8)
    assert int(told["PYTHON_THREADPOOL_THREAD_COUNT"]) == activities + orchestrators


def test_calls_of_the_workflows_app_that_fail_are_watched_as_those_of_any_app(graph: Graph) -> None:
    own, of_a_function = (
        graph.one("monitor.MetricAlert", name).inputs
        for name in ("workflow-order-failed-calls", "function-fulfil-function-errors")
    )
    (criterion,) = own["criteria"]["allOf"]
    (like,) = of_a_function["criteria"]["allOf"]
    app = graph.one("web.WebApp", "order-workflow").inputs["name"]
    role = [{"name": "cloud/roleName", "operator": "Include", "values": [app]}]
    assert criterion == {**like, "name": "failed-calls", "dimensions": role}
    assert (own["scopes"], own["windowSize"]) == (of_a_function["scopes"], of_a_function["windowSize"])


def test_by_default_runs_are_kept_in_the_apps_own_storage(graph: Graph) -> None:
    assert "TASKHUB_NAME" not in settings(graph.one("web.WebApp", "order-workflow"))
    assert may(graph, "order-workflow") == {
        May(role="BLOB_DATA_OWNER", on="storage.StorageAccount/order-workflow-app"),
        May(role="QUEUE_DATA_CONTRIBUTOR", on="storage.StorageAccount/order-workflow-app"),
        May(role="TABLE_DATA_CONTRIBUTOR", on="storage.StorageAccount/order-workflow-app"),
        May(role="METRICS_PUBLISHER", on="applicationinsights.Component/orderly"),
    }
    assert graph.of("durabletask.Scheduler") == {}


def test_a_scheduler_is_reached_by_identity_and_storage_grants_go(scheduled: Graph) -> None:
    told, hub = settings(scheduled.one("web.WebApp", "order-workflow")), scheduled.one("durabletask.TaskHub", "order")
    scheduler = scheduled.one("durabletask.Scheduler", "order")
    assert told["TASKHUB_NAME"] == hub.inputs["taskHubName"]
    assert told["TASKHUB_NAME"].isalnum()
    assert told["DURABLE_TASK_SCHEDULER_CONNECTION_STRING"] == (
        f"Endpoint={scheduler.state['properties']['endpoint']};Authentication=ManagedIdentity;"
        f"ClientID={told['AZURE_CLIENT_ID']}"
    )
    assert may(scheduled, "order-workflow") == {
        May(role="BLOB_DATA_OWNER", on="storage.StorageAccount/order-workflow-app"),
        May(role="DURABLE_TASK_DATA_CONTRIBUTOR", on="durabletask.TaskHub/order"),
        May(role="METRICS_PUBLISHER", on="applicationinsights.Component/orderly"),
    }


def test_only_the_workflow_of_a_scheduler_has_its_host_file(scheduled: Graph) -> None:
    by_app = {found.name: found.inputs["digest"] for found in scheduled.of("Package").values()}
    own = by_app.pop("order-workflow")
    assert own == hashlib.sha256(package("scheduler").read_bytes()).hexdigest()
    assert set(by_app.values()) == {hashlib.sha256(package().read_bytes()).hexdigest()}


def test_a_scheduler_lets_in_apps_wherever_they_come_from(scheduled: Graph) -> None:
    """An empty list would keep everybody out, and an app has no address of its own."""
    assert scheduled.one("durabletask.Scheduler", "order").inputs["properties"]["ipAllowlist"] == ["0.0.0.0/0"]


def test_the_workflow_is_not_made_before_its_hub_and_its_right_to_it(scheduled: Graph) -> None:
    app = scheduled.one("web.WebApp", "order-workflow")
    assert scheduled.comes_after(app, scheduled.one("durabletask.TaskHub", "order"))
    assert scheduled.comes_after(app, scheduled.one("authorization.RoleAssignment", "order-task-hub"))
