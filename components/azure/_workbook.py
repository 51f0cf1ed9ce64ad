"""A workbook of what is watched: by contract, what each alarm looks at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeAlias

import pulumi

from components.azure._alarms import Aggregation, Alarm, Lines, Metric
from components.azure._subscription import Subscription

Json: TypeAlias = dict[str, Any]

SCHEMA = "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json"
TEXT, QUERY, METRIC = 1, 3, 10
"""The kinds of items."""
AGGREGATIONS: Mapping[Aggregation, int] = {"Total": 1, "Minimum": 2, "Maximum": 3, "Average": 4, "Count": 7}
A_DAY = {"durationMs": 86_400_000}
WIDTH = "33"
"""Percent."""


def workbook_json(alarms: Sequence[Alarm], *, subscription: Subscription) -> pulumi.Output[str]:
    """The same text for the same alarms."""
    items = list(_items(alarms, subscription))
    document = {"version": "Notebook/1.0", "items": items, "isLocked": False, "$schema": SCHEMA}
    return pulumi.Output.from_input(document).apply(lambda found: json.dumps(found, sort_keys=True))


def _items(alarms: Sequence[Alarm], subscription: Subscription) -> Iterator[Json]:
    for contract, group in groupby(sorted(alarms, key=_contract), key=_contract):
        yield {
            "type": TEXT,
            "name": contract,
            "content": {"json": f"## {contract.replace('_', ' ').capitalize()}"},
        }
        for alarm in group:
            yield _chart(alarm, subscription)


def _contract(alarm: Alarm) -> str:
    return alarm.contract


def _chart(alarm: Alarm, subscription: Subscription) -> Json:
    title = f"{alarm.of}: {alarm.about.replace('-', ' ')} (alarm above {alarm.threshold:g})"
    if isinstance(alarm.measured, Metric):
        kind, content = METRIC, _of_metric(alarm.measured)
    else:
        kind, content = QUERY, _of_lines(alarm.measured, subscription)
    return {"type": kind, "name": alarm.key, "customWidth": WIDTH, "content": {**content, "title": title, "size": 0}}


def _of_metric(metric: Metric) -> Json:
    measured = {
        "namespace": metric.namespace,
        "metric": f"{metric.namespace}--{metric.name}",
        "aggregation": AGGREGATIONS[metric.aggregation],
    }
    return {
        "version": "MetricsItem/2.0",
        "chartType": 2,
        "resourceType": metric.namespace,
        "resourceIds": [metric.of],
        "timeContext": A_DAY,
        "metrics": [measured],
        "filters": [
            {"key": name, "operator": 0, "values": [value]} for name, value in sorted(metric.dimensions.items())
        ],
    }


def _of_lines(lines: Lines, subscription: Subscription) -> Json:
    return {
        "version": "KqlItem/1.0",
        "query": pulumi.Output.concat(lines.query, " | summarize count() by bin(TimeGenerated, 5m)"),
        "queryType": 0,
        "resourceType": "microsoft.operationalinsights/workspaces",
        "crossComponentResources": [subscription.workspace.id],
        "timeContext": A_DAY,
        "visualization": "timechart",
    }
