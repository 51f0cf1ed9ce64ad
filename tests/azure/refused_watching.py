"""Alarms that are refused, or never go off, and runs whose history shows a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.azure.landscape import Landscape
from tests.azure.limits import length_of
from tests.graph import Resource

ALERTS = ("monitor.MetricAlert", "monitor.ScheduledQueryRule")
VAULT = ".vault.azure.net/"


def metric_alert_somewhere(land: Landscape) -> Iterator[str]:
    for alert in land.of("monitor.MetricAlert"):
        if alert.inputs.get("location") != "global":
            yield f"{alert.name} is in {alert.inputs.get('location')}; an alert of a metric is global"


def query_alert_elsewhere(land: Landscape) -> Iterator[str]:
    workspaces = {each.id: each.inputs["location"] for each in land.of("operationalinsights.Workspace")}
    for alert in land.of("monitor.ScheduledQueryRule"):
        if alert.inputs.get("location") not in {workspaces.get(each) for each in alert.inputs["scopes"]}:
            yield f"{alert.name} is not where its workspace is"


def query_of_a_table_that_is_not_there_yet(land: Landscape) -> Iterator[str]:
    """A table is made when its first line is written."""
    for alert in land.of("monitor.ScheduledQueryRule"):
        if alert.inputs.get("skipQueryValidation") is not True:
            yield f"{alert.name} would be tried before its tables are there"


def metric_that_is_not_there_yet(land: Landscape) -> Iterator[str]:
    for alert in land.of("monitor.MetricAlert"):
        for each in alert.inputs["criteria"].get("allOf", ()):
            if each.get("skipMetricValidation") is not True:
                yield f"{alert.name} would be refused as long as nothing was measured"


def alert_on_what_is_not_here(land: Landscape) -> Iterator[str]:
    for alert in land.of(*ALERTS):
        for scope in alert.inputs["scopes"]:
            found = land.at(scope)
            if found is None or not land.graph.comes_after(alert, found):
                yield f"{alert.name} does not wait for {scope}, which it looks at"


def alert_on_a_queue_that_is_not_here(land: Landscape) -> Iterator[str]:
    entities = {each.inputs["queueName"] for each in land.of("servicebus.Queue")}
    entities |= {each.inputs["topicName"] for each in land.of("servicebus.Topic")}
    for alert in land.of("monitor.MetricAlert"):
        for name, values in _dimensions(alert):
            if name == "EntityName" and not entities.issuperset(values):
                yield f"{alert.name} looks at {', '.join(values)}, which is not here"


def alert_that_looks_back_too_short(land: Landscape) -> Iterator[str]:
    """What happened between two looks is never seen."""
    for alert in land.of(*ALERTS):
        back, every = length_of(alert.inputs["windowSize"]), length_of(alert.inputs["evaluationFrequency"])
        if back is None or every is None or back < every:
            yield f"{alert.name} looks at {alert.inputs['windowSize']} every {alert.inputs['evaluationFrequency']}"


def alert_that_tells_nobody_who_was_named(land: Landscape) -> Iterator[str]:
    groups = {each.id for each in land.of("monitor.ActionGroup")}
    for alert in land.of(*ALERTS):
        if _told(alert) != groups or alert.inputs.get("enabled") is not True:
            yield f"{alert.name} does not tell every group, and nobody else"


def workbook_that_shows_nothing(land: Landscape) -> Iterator[str]:
    for workbook in land.of("applicationinsights.Workbook"):
        for chart in _charts(json.loads(workbook.inputs["serializedData"])):
            for each in (*chart.get("resourceIds", ()), *chart.get("crossComponentResources", ())):
                if land.at(each) is None:
                    yield f"{workbook.name} shows {each}, which is not here"


def secret_in_the_history_of_runs(land: Landscape) -> Iterator[str]:
    """Whoever may see the runs sees what each action took and gave, unless it says that it is secret."""
    for workflow in land.of("logic.Workflow"):
        actions: Mapping[str, Mapping[str, Any]] = workflow.inputs["definition"]["actions"]
        reading = [name for name, each in actions.items() if VAULT in str(each["inputs"])]
        for name, action in actions.items():
            takes = any(f"'{each}'" in json.dumps(action["inputs"]) for each in reading)
            hidden = action.get("runtimeConfiguration", {}).get("secureData", {}).get("properties", ())
            if (name in reading and "outputs" not in hidden) or (takes and "inputs" not in hidden):
                yield f"{workflow.name} shows a secret in {name}"


def workflow_as_nobody(land: Landscape) -> Iterator[str]:
    """Both its connection and what it reads from the vault say which identity they use."""
    for workflow in land.of("logic.Workflow"):
        identities = set(workflow.inputs.get("identity", {}).get("userAssignedIdentities", ()))
        for name, action in workflow.inputs["definition"]["actions"].items():
            if VAULT in str(action["inputs"]) and _identity(action["inputs"]) not in identities:
                yield f"{workflow.name} reads from the vault as nobody in {name}"
        for name, connection in workflow.inputs["parameters"]["$connections"]["value"].items():
            if _identity(connection.get("connectionProperties", {})) not in identities:
                yield f"{workflow.name} uses the connection {name} as nobody"
    for connection in land.of("resources.Resource"):
        if connection.inputs["properties"].get("parameterValueSet", {}).get("name") != "managedIdentityAuth":
            yield f"{connection.name} is a connection by a key"


def _dimensions(alert: Resource) -> Iterator[tuple[str, list[str]]]:
    for each in alert.inputs["criteria"].get("allOf", ()):
        for dimension in each.get("dimensions", ()):
            yield dimension["name"], dimension["values"]


def _told(alert: Resource) -> set[str]:
    if alert.kind == "monitor.MetricAlert":
        return {each["actionGroupId"] for each in alert.inputs.get("actions", ())}
    return set(alert.inputs.get("actions", {}).get("actionGroups", ()))


def _charts(workbook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for item in workbook["items"]:
        yield item["content"]


def _identity(inputs: Mapping[str, Any]) -> object:
    return inputs.get("authentication", {}).get("identity")


RULES = (
    metric_alert_somewhere,
    query_alert_elsewhere,
    query_of_a_table_that_is_not_there_yet,
    metric_that_is_not_there_yet,
    alert_on_what_is_not_here,
    alert_on_a_queue_that_is_not_here,
    alert_that_looks_back_too_short,
    alert_that_tells_nobody_who_was_named,
    workbook_that_shows_nothing,
    secret_in_the_history_of_runs,
    workflow_as_nobody,
)
