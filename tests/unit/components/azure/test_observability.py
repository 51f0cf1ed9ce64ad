"""What only Azure Monitor has: rules on metrics and on lines of the log, a workbook, whom they tell."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from components.azure._alarms import Alarm, Lines, Metric
from components.azure._lines import errors_of, failed_runs_of, lines_of
from tests.graph import Graph, build, config
from tests.unit.components.azure.place import BLOCK

LENGTHS = {"PT1M", "PT5M", "PT15M", "PT30M", "PT1H"}
"""What both kinds of rules take of those that are in use."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return build(config("azure"))


def test_a_metric_is_compared_with_its_threshold_for_the_one_entity(graph: Graph) -> None:
    rule = graph.one("monitor.MetricAlert", "queue-fulfilment-queue-age-seconds").inputs
    (criterion,) = rule["criteria"]["allOf"]
    assert criterion == {
        "criterionType": "StaticThresholdCriterion",
        "name": "queue-age-seconds",
        "metricName": "ActiveMessages",
        "metricNamespace": "microsoft.servicebus/namespaces",
        "timeAggregation": "Minimum",
        "operator": "GreaterThan",
        "threshold": 10,
        "dimensions": [{"name": "EntityName", "operator": "Include", "values": ["fulfilment"]}],
        "skipMetricValidation": True,
    }
    assert rule["scopes"] == [graph.one("servicebus.Namespace", "orderly").id]
    assert (rule["location"], rule["windowSize"], rule["evaluationFrequency"]) == ("global", "PT15M", "PT5M")


def test_lines_of_the_log_are_counted_before_there_is_a_table(graph: Graph) -> None:
    rule = graph.one("monitor.ScheduledQueryRule", "workflow-order-failed-compensations").inputs
    (criterion,) = rule["criteria"]["allOf"]
    app = graph.one("web.WebApp", "order-tasks").inputs["name"]
    assert criterion["query"] == (
        f'AppTraces | where AppRoleName in~ ("{app}") and Message contains "steps are not undone"'
    )
    assert (criterion["timeAggregation"], criterion["operator"], criterion["threshold"]) == ("Count", "GreaterThan", 0)
    assert rule["skipQueryValidation"] is True
    assert rule["scopes"] == [graph.one("operationalinsights.Workspace", "orderly").id]


def test_no_rule_looks_less_often_than_at_what_it_looks_at(graph: Graph) -> None:
    rules = (*graph.of("monitor.MetricAlert").values(), *graph.of("monitor.ScheduledQueryRule").values())
    lengths = {(rule.inputs["windowSize"], rule.inputs["evaluationFrequency"]) for rule in rules}
    assert lengths <= {(window, "PT5M") for window in LENGTHS - {"PT1M"}}


def test_a_run_that_failed_is_found_in_the_durable_extensions_lines() -> None:
    assert failed_runs_of("app", "saga_v1") == (
        "AppTraces | where AppRoleName in~ (\"app\") and tostring(Properties.Category) == 'Host.Triggers.DurableTask' "
        "and tostring(Properties.prop__functionName) == \"saga_v1\" and tostring(Properties.prop__state) == 'Failed'"
    )


def test_errors_are_those_of_all_apps() -> None:
    assert errors_of("one", "other") == 'AppTraces | where AppRoleName in~ ("one", "other") and SeverityLevel >= 3'


def test_words_are_quoted_as_kusto_wants_them() -> None:
    assert lines_of('say "no"', "app").endswith(r'Message contains "say \"no\""')


def test_each_rule_says_what_happened_and_whose_it_is(graph: Graph) -> None:
    rules = (*graph.of("monitor.MetricAlert").values(), *graph.of("monitor.ScheduledQueryRule").values())
    assert all(rule.inputs["description"].endswith(".") for rule in rules)
    assert {tuple(sorted(rule.inputs["tags"])) for rule in rules} == {("about", "component", "contract")}
    assert all(rule.inputs["autoMitigate"] is True for rule in rules)


def test_without_an_address_rules_tell_nobody(graph: Graph) -> None:
    assert graph.of("monitor.ActionGroup") == {}
    assert {len(rule.inputs["actions"]) for rule in graph.of("monitor.MetricAlert").values()} == {0}


def test_with_an_address_every_rule_tells_it() -> None:
    graph = build(config("azure", azure={**BLOCK, "alarm_email": "ops@shop.example"}))
    (group,) = graph.of("monitor.ActionGroup").values()
    (receiver,) = group.inputs["emailReceivers"]
    assert receiver["emailAddress"] == "ops@shop.example"
    assert len(group.inputs["groupShortName"]) <= 12
    assert all(
        rule.inputs["actions"] == [{"actionGroupId": group.id}] for rule in graph.of("monitor.MetricAlert").values()
    )
    assert all(
        rule.inputs["actions"] == {"actionGroups": [group.id]}
        for rule in graph.of("monitor.ScheduledQueryRule").values()
    )


def test_the_workbook_shows_what_every_rule_looks_at(graph: Graph) -> None:
    workbook = graph.one("applicationinsights.Workbook", "alarms").inputs
    items = json.loads(workbook["serializedData"])["items"]
    rules = {*graph.of("monitor.MetricAlert"), *graph.of("monitor.ScheduledQueryRule")}
    assert {item["name"] for item in items if item["type"] != 1} == rules
    assert workbook["category"] == "workbook"
    shown = next(item for item in items if item["name"] == "queue-fulfilment-queue-age-seconds")
    assert shown["content"]["metrics"] == [
        {
            "namespace": "microsoft.servicebus/namespaces",
            "metric": "microsoft.servicebus/namespaces--ActiveMessages",
            "aggregation": 2,
        }
    ]


def test_logs_are_kept_as_long_as_the_stage_says_and_written_by_identity_alone(graph: Graph) -> None:
    workspace = graph.one("operationalinsights.Workspace", "orderly").inputs
    insights = graph.one("applicationinsights.Component", "orderly").inputs
    assert (workspace["retentionInDays"], workspace["features"]) == (30, {"disableLocalAuth": True})
    assert (insights["disableLocalAuth"], insights["ingestionMode"]) == (True, "LogAnalytics")


@pytest.mark.parametrize("measured", [Metric(name="n", namespace="s", of="/id", aggregation="Total"), Lines(query="q")])
def test_an_alarm_is_told_apart_by_contract_component_and_subject(measured: Metric | Lines) -> None:
    alarm = Alarm(about="lag", contract="database", of="orders", says=".", measured=measured, threshold=0)
    assert (alarm.key, alarm.window) == ("database-orders-lag", timedelta(minutes=5))
