"""The whole system on Azure, in each way that its configuration can ask for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from tests.graph import Graph, build, config
from tests.unit.components.azure.place import BLOCK

WEBHOOK = {"webhook_url": "https://ops.example/hook", "webhook_secret": "word"}
PAYMENTS = {"url": "https://pay.example", "api_key": "key"}
PAGES = {"cors_origins": ["https://shop.example", "https://desk.example"]}
WAYS: Mapping[str, Mapping[str, object]] = {
    "as it is by default": {},
    "production, as it is by default": {"stage": "prod"},
    "production with everything": {
        "stage": "prod",
        "azure": {
            **BLOCK,
            "api_kind": "basic",
            "database_capacity": 10_000,
            "durable_backend": "scheduler",
            "alarm_email": "ops@shop.example",
            "recover": True,
        },
        "notification": WEBHOOK,
        "payments": PAYMENTS,
        "api": PAGES,
        "functions": {"memory_mb": 2048},
    },
    "directly, with a capacity": {
        "azure": {**BLOCK, "api_kind": "direct", "publisher_email": None, "database_capacity": 1_000},
        "payments": PAYMENTS,
    },
    "production, directly, with a webhook": {
        "stage": "prod",
        "azure": {**BLOCK, "api_kind": "direct"},
        "notification": WEBHOOK,
    },
    "for trial, with a scheduler": {"stage": "staging", "azure": {**BLOCK, "durable_backend": "scheduler"}},
}
NAMES = (
    "accountName",
    "appName",
    "name",
    "namespaceName",
    "resourceName",
    "ruleName",
    "serviceName",
    "topicName",
    "vaultName",
    "workflowName",
    "workspaceName",
)
TOP_LEVEL = (
    "applicationinsights.Component",
    "apimanagement.ApiManagementService",
    "cosmosdb.DatabaseAccount",
    "eventgrid.Topic",
    "keyvault.Vault",
    "logic.Workflow",
    "managedidentity.UserAssignedIdentity",
    "monitor.MetricAlert",
    "monitor.ScheduledQueryRule",
    "operationalinsights.Workspace",
    "servicebus.Namespace",
    "storage.StorageAccount",
    "web.AppServicePlan",
    "web.WebApp",
)


@pytest.fixture(scope="module", params=WAYS)
def graph(request: pytest.FixtureRequest) -> Graph:
    return build(config("azure", **WAYS[request.param]))


def test_it_is_made_whole_and_answers_at_one_address(graph: Graph) -> None:
    assert graph.outputs["api_url"].startswith("https://")
    assert graph.outputs["target"] == "azure"
    assert len(graph.of("web.WebApp")) == 12


def test_no_two_things_of_a_kind_have_one_name(graph: Graph) -> None:
    for kind in TOP_LEVEL:
        named = Counter(
            tuple(found.inputs[name] for name in NAMES if name in found.inputs) for found in graph.of(kind).values()
        )
        assert not [names for names, times in named.items() if times > 1], kind


def test_every_app_has_its_code_after_what_it_was_granted(graph: Graph) -> None:
    for name, app in graph.of("web.WebApp").items():
        assert graph.comes_after(graph.one("Package", name), app)
    assert graph.of("Package").keys() == graph.of("web.WebApp").keys()


def test_the_runs_of_a_workflow_are_protected_in_production(graph: Graph) -> None:
    kept = graph.one("storage.StorageAccount", "order-workflow-app")
    is_production = graph.outputs["stage"] == "prod"
    assert kept.protect is (is_production and "durabletask.Scheduler" not in {each.kind for each in graph})


def test_only_production_is_protected(graph: Graph) -> None:
    assert any(found.protect for found in graph) is (graph.outputs["stage"] == "prod")
