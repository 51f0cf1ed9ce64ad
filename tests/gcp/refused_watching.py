"""Alert policies that Monitoring refuses, or that never see what they are for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.gcp import metrics
from tests.gcp.landscape import Landscape, last_part
from tests.graph import Resource

WATCHED: Mapping[str, str] = {
    "service_name": "cloudfunctionsv2.Function",
    "subscription_id": "pubsub.Subscription",
    "topic_id": "pubsub.Topic",
    "workflow_id": "workflows.Workflow",
    "job_id": "cloudscheduler.Job",
    "gateway_id": "apigateway.Gateway",
    "forwarding_rule_name": "compute.GlobalForwardingRule",
    "database_id": "firestore.Database",
}
"""By a resource's label, the kind of resource whose name it is."""
SLOW = ("cloudfunctionsv2.Function", "apigateway.Gateway")
"""What takes minutes to be made."""
IN_A_QUERY = re.compile(r'resource\.labels\.(\w+)=(?:\(([^)]*)\)|("[^"]*"))')


def alert_before_its_metric(land: Landscape) -> Iterator[str]:
    """404 `Cannot find metric(s) that match type`."""
    for policy, name, metric in _counted(land):
        if metric is None:
            yield f"{policy.name} reads {name}, which nothing counts"
        elif not land.graph.comes_after(policy, metric):
            yield f"{policy.name} does not wait for {name}"


def alert_at_once_after_its_metric(land: Landscape) -> Iterator[str]:
    """The same for up to 10 minutes: so what takes minutes comes before the policy, and not before the metric."""
    for policy, name, metric in _counted(land):
        for slow in land.of(*SLOW):
            if not land.graph.comes_after(policy, slow):
                yield f"{policy.name} does not wait for {slow.kind} {slow.name}, which gives Monitoring time"
            if metric and land.graph.comes_after(metric, slow):
                yield f"{name} waits for {slow.kind} {slow.name}, so Monitoring knows it too late for {policy.name}"


def alert_on_what_is_not_here(land: Landscape) -> Iterator[str]:
    for policy in land.of("monitoring.AlertPolicy"):
        for text in _filters(policy):
            for label, values in metrics.read(text).values.items():
                yield from _missing(land, policy, label.partition(".labels.")[2], tuple(map(str, values)))


def count_of_what_is_not_here(land: Landscape) -> Iterator[str]:
    for metric in land.of("logging.Metric"):
        for label, several, one in IN_A_QUERY.findall(metric.inputs["filter"]):
            yield from _missing(land, metric, label, tuple(re.findall(r'"([^"]*)"', several or one)))


def missing_data_of_no_duration(land: Landscape) -> Iterator[str]:
    for policy in land.of("monitoring.AlertPolicy"):
        for threshold in _thresholds(policy):
            if "evaluationMissingData" in threshold and threshold.get("duration") == "0s":
                yield f"{policy.name} says what missing data means, for a duration of nothing"


def duration_that_is_no_minute(land: Landscape) -> Iterator[str]:
    """A duration and an alignment period are whole minutes; a share is of two that are aligned alike."""
    for policy in land.of("monitoring.AlertPolicy"):
        for threshold in _thresholds(policy):
            over, under = threshold.get("aggregations", [{}]), threshold.get("denominatorAggregations", [])
            periods = [each.get("alignmentPeriod", "0s") for each in (*over, *under)]
            for seconds in (threshold.get("duration", "0s"), *periods):
                if int(seconds.removesuffix("s")) % 60:
                    yield f"{policy.name}: {seconds} is no whole number of minutes"
            if len(set(periods)) > 1:
                yield f"{policy.name} divides {' by '.join(periods)}"


def alert_that_tells_nobody_who_was_named(land: Landscape) -> Iterator[str]:
    channels = {channel.id for channel in land.of("monitoring.NotificationChannel")}
    for policy in land.of("monitoring.AlertPolicy"):
        if channels - set(policy.inputs.get("notificationChannels", ())):
            yield f"{policy.name} does not tell every channel"


def chart_that_shows_nothing(land: Landscape) -> Iterator[str]:
    for dashboard in land.of("monitoring.Dashboard"):
        for text in _values(json.loads(dashboard.inputs["dashboardJson"]), "filter"):
            yield from (f"{dashboard.name}: {problem}" for problem in metrics.misfits(text))
        policies = {policy.id for policy in land.of("monitoring.AlertPolicy")}
        for name in _values(json.loads(dashboard.inputs["dashboardJson"]), "policyNames"):
            if name not in policies:
                yield f"{dashboard.name} shows {name}, which is not here"


def _counted(land: Landscape) -> Iterator[tuple[Resource, str, Resource | None]]:
    """Each policy that reads what is counted from logs, with the name of the metric, and the metric if it is here."""
    made = {found.inputs["name"]: found for found in land.of("logging.Metric")}
    for policy in land.of("monitoring.AlertPolicy"):
        for metric in {metrics.read(text).metric for text in _filters(policy)}:
            if metric.startswith(metrics.USER):
                name = metric.removeprefix(metrics.USER)
                yield policy, name, made.get(name)


def _missing(land: Landscape, owner: Resource, label: str, values: tuple[str, ...]) -> Iterator[str]:
    kind = WATCHED.get(label)
    there = {str(each.inputs.get("name") or each.inputs.get("gatewayId")) for each in land.of(kind)} if kind else set()
    there |= {last_part(each.state["transport"]["pubsub"]["subscription"]) for each in land.of("eventarc.Trigger")}
    for value in values:
        if kind and value not in there:
            yield f"{owner.kind} {owner.name} looks at {label} {value}, which is not here"


def _thresholds(policy: Resource) -> Iterator[Mapping[str, Any]]:
    for condition in policy.inputs["conditions"]:
        if "conditionThreshold" in condition:
            yield condition["conditionThreshold"]


def _filters(policy: Resource) -> Iterator[str]:
    for threshold in _thresholds(policy):
        yield from (threshold[name] for name in ("filter", "denominatorFilter") if name in threshold)


def _values(document: Any, name: str) -> Iterator[str]:  # noqa: ANN401 JSON
    """Every text under this key, wherever it is."""
    parts = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    if isinstance(document, dict) and name in document:
        yield from [document[name]] if isinstance(document[name], str) else document[name]
    for part in parts:
        yield from _values(part, name)


RULES = (
    alert_before_its_metric,
    alert_at_once_after_its_metric,
    alert_on_what_is_not_here,
    count_of_what_is_not_here,
    missing_data_of_no_duration,
    duration_that_is_no_minute,
    alert_that_tells_nobody_who_was_named,
    chart_that_shows_nothing,
)
