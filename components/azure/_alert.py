"""An alert rule of Azure Monitor for what a component asked to have watched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components.azure._alarms import Alarm, Lines, Metric
from components.azure._subscription import Subscription

SEVERITY = 2
"""A warning; 0 is the worst."""
EVERYWHERE = "global"
"""Where an alert of a metric is, whatever it is of."""
LOOKED_AT_EVERY = timedelta(minutes=5)
ABOVE = azure.monitor.Operator.GREATER_THAN.value
"""Of lines as of metrics: the SDK's ConditionOperator is that of another service."""


def alert(
    alarm: Alarm, *, groups: Sequence[pulumi.Output[str]], subscription: Subscription, opts: pulumi.ResourceOptions
) -> pulumi.Resource:
    """`groups` are the action groups that are told."""
    if isinstance(alarm.measured, Metric):
        return _of_metric(alarm, alarm.measured, groups, subscription, opts)
    return _of_lines(alarm, alarm.measured, groups, subscription, opts)


def _of_metric(
    alarm: Alarm,
    metric: Metric,
    groups: Sequence[pulumi.Output[str]],
    subscription: Subscription,
    opts: pulumi.ResourceOptions,
) -> azure.monitor.MetricAlert:
    return azure.monitor.MetricAlert(
        alarm.key,
        resource_group_name=subscription.group_name,
        location=EVERYWHERE,
        rule_name=subscription.name("alert", alarm.key),
        description=alarm.says,
        enabled=True,
        severity=SEVERITY,
        scopes=[metric.of],
        window_size=_length(alarm.window),
        evaluation_frequency=_length(LOOKED_AT_EVERY),
        auto_mitigate=True,
        criteria=azure.monitor.MetricAlertSingleResourceMultipleMetricCriteriaArgs(
            odata_type="Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            all_of=[
                azure.monitor.MetricCriteriaArgs(
                    criterion_type="StaticThresholdCriterion",
                    name=alarm.about,
                    metric_name=metric.name,
                    metric_namespace=metric.namespace,
                    time_aggregation=metric.aggregation,
                    operator=ABOVE,
                    threshold=alarm.threshold,
                    dimensions=[
                        azure.monitor.MetricDimensionArgs(name=name, operator="Include", values=[value])
                        for name, value in sorted(metric.dimensions.items())
                    ],
                    # What nothing was measured of yet has no metric, and would be refused.
                    skip_metric_validation=True,
                )
            ],
        ),
        actions=[azure.monitor.MetricAlertActionArgs(action_group_id=group) for group in groups],
        tags=_tags(alarm),
        opts=opts,
    )


def _of_lines(
    alarm: Alarm,
    lines: Lines,
    groups: Sequence[pulumi.Output[str]],
    subscription: Subscription,
    opts: pulumi.ResourceOptions,
) -> azure.monitor.ScheduledQueryRule:
    return azure.monitor.ScheduledQueryRule(
        alarm.key,
        resource_group_name=subscription.group_name,
        location=subscription.location,
        rule_name=subscription.name("alert", alarm.key),
        display_name=f"{pulumi.get_project()} {pulumi.get_stack()}: {alarm.key}",
        description=alarm.says,
        kind=azure.monitor.Kind.LOG_ALERT,
        enabled=True,
        severity=SEVERITY,
        scopes=[subscription.workspace.id],
        window_size=_length(alarm.window),
        evaluation_frequency=_length(LOOKED_AT_EVERY),
        auto_mitigate=True,
        # The table is there once the first line was written to it.
        skip_query_validation=True,
        criteria=azure.monitor.ScheduledQueryRuleCriteriaArgs(
            all_of=[
                azure.monitor.ConditionArgs(
                    query=lines.query,
                    time_aggregation=azure.monitor.TimeAggregation.COUNT,
                    operator=ABOVE,
                    threshold=alarm.threshold,
                    failing_periods=azure.monitor.ConditionFailingPeriodsArgs(
                        number_of_evaluation_periods=1, min_failing_periods_to_alert=1
                    ),
                )
            ]
        ),
        actions=azure.monitor.ActionsArgs(action_groups=list(groups)),
        tags=_tags(alarm),
        opts=opts,
    )


def _length(time: timedelta) -> str:
    """Azure Monitor takes whole minutes, as PT5M."""
    return f"PT{time // timedelta(minutes=1)}M"


def _tags(alarm: Alarm) -> dict[str, str]:
    return {"contract": alarm.contract, "component": alarm.of, "about": alarm.about}
