"""An alert policy of Cloud Monitoring for what a component asked to have watched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
import pulumi_gcp as gcp

from components.gcp._alarms import Alarm, Metric
from components.gcp._project import Project

CLOSED_AFTER_SECONDS = 1_800
"""Monitoring's shortest: so long after a count fell silent its incident is over."""
SILENT = "EVALUATION_MISSING_DATA_INACTIVE"
"""What is not measured is not above anything."""


def alert_policy(
    alarm: Alarm, *, project: Project, channels: list[pulumi.Output[str]], opts: pulumi.ResourceOptions
) -> gcp.monitoring.AlertPolicy:
    name = key_of(alarm)
    return gcp.monitoring.AlertPolicy(
        name,
        project=project.id,
        display_name=f"{pulumi.get_project()} {pulumi.get_stack()}: {name}",
        combiner="OR",
        conditions=[
            gcp.monitoring.AlertPolicyConditionArgs(display_name=alarm.about, condition_threshold=_threshold(alarm))
        ],
        alert_strategy=gcp.monitoring.AlertPolicyAlertStrategyArgs(auto_close=f"{CLOSED_AFTER_SECONDS}s"),
        documentation=gcp.monitoring.AlertPolicyDocumentationArgs(content=alarm.says, mime_type="text/markdown"),
        notification_channels=channels,
        user_labels={"contract": alarm.contract, "component": alarm.of, "about": alarm.about},
        opts=opts,
    )


def key_of(alarm: Alarm) -> str:
    return f"{alarm.contract}-{alarm.of}-{alarm.about}"


def filter_of(metric: Metric) -> pulumi.Output[str]:
    """In the language of Monitoring's filters."""
    fixed = [_equals("metric.type", metric.type), _equals("resource.type", metric.resource)]
    measured = [_equals(f"metric.labels.{name}", value) for name, value in sorted(metric.metric_labels.items())]
    return pulumi.Output.all(**metric.labels).apply(
        lambda found: " AND ".join([*fixed, *_of_resource(found), *measured])
    )


def _of_resource(labels: Mapping[str, str | list[str]]) -> Iterator[str]:
    for name, value in sorted(labels.items()):
        if isinstance(value, str):
            yield _equals(f"resource.labels.{name}", value)
        else:
            yield f"resource.labels.{name} = one_of({', '.join(_quoted(each) for each in value)})"


def _equals(field: str, value: str | int) -> str:
    """A label that is a number is compared with one."""
    return f"{field} = {value if isinstance(value, int) else _quoted(value)}"


def _quoted(value: str) -> str:
    return f'"{value}"'


def _threshold(alarm: Alarm) -> gcp.monitoring.AlertPolicyConditionConditionThresholdArgs:
    """The first value above the threshold counts; of several periods, those after it have to be above it too."""
    waited = alarm.period_seconds * (alarm.periods - 1)
    whole = alarm.share_of
    return gcp.monitoring.AlertPolicyConditionConditionThresholdArgs(
        comparison="COMPARISON_GT",
        threshold_value=threshold_of(alarm),
        duration=f"{waited}s",
        filter=filter_of(alarm.metric),
        aggregations=[
            gcp.monitoring.AlertPolicyConditionConditionThresholdAggregationArgs(
                alignment_period=f"{alarm.period_seconds}s",
                per_series_aligner=alarm.metric.aligner,
                cross_series_reducer=alarm.metric.reducer,
            )
        ],
        denominator_filter=filter_of(whole) if whole else None,
        denominator_aggregations=[
            gcp.monitoring.AlertPolicyConditionConditionThresholdDenominatorAggregationArgs(
                alignment_period=f"{alarm.period_seconds}s",
                per_series_aligner=whole.aligner,
                cross_series_reducer=whole.reducer,
            )
        ]
        if whole
        else None,
        # Asked for with a duration of nothing, Monitoring refuses it.
        evaluation_missing_data=SILENT if waited else None,
        trigger=gcp.monitoring.AlertPolicyConditionConditionThresholdTriggerArgs(count=1),
    )


def threshold_of(alarm: Alarm) -> float:
    """A share is compared as a fraction."""
    return alarm.threshold / 100 if alarm.share_of else alarm.threshold
