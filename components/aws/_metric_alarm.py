"""An alarm as CloudWatch has it: of one metric, or of what is worked out of several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._alarms import Alarm, Metric

STATISTICS = frozenset({"Average", "Maximum", "Minimum", "SampleCount", "Sum"})
"""The others, percentiles above all, CloudWatch calls extended."""
RESULT, TOTAL = "result", "total"


def key_of(alarm: Alarm) -> str:
    """As in `queue-fulfilment-dead-letters`."""
    return f"{alarm.contract}-{alarm.of}-{alarm.about}"


def metric_alarm(
    alarm: Alarm, *, account: Account, topic: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> aws.cloudwatch.MetricAlarm:
    """Tells the topic when it is raised and when it is over; no news is good news."""
    expression = expression_of(alarm)
    alone = None if expression else alarm.metric
    is_extended = alone is not None and alone.statistic not in STATISTICS
    args = aws.cloudwatch.MetricAlarmArgs(
        name=account.name("alarm", key_of(alarm)),
        alarm_description=alarm.says,
        comparison_operator="GreaterThanThreshold",
        threshold=alarm.threshold,
        evaluation_periods=alarm.periods,
        treat_missing_data="notBreaching",
        alarm_actions=[topic],
        ok_actions=[topic],
        namespace=alone.namespace if alone else None,
        metric_name=alone.name if alone else None,
        dimensions=dict(alone.dimensions) if alone else None,
        period=alarm.period_seconds if alone else None,
        statistic=alone.statistic if alone and not is_extended else None,
        extended_statistic=alone.statistic if alone and is_extended else None,
        metric_queries=list(_queries(alarm, expression)) if expression else None,
    )
    return aws.cloudwatch.MetricAlarm(key_of(alarm), args, opts=opts)


def metrics_of(alarm: Alarm) -> Mapping[str, Metric]:
    """By the name that `expression_of` has for each."""
    counted = {f"counted{place}": metric for place, metric in enumerate((alarm.metric, *alarm.plus))}
    return {**counted, **({TOTAL: alarm.share_of} if alarm.share_of else {})}


def expression_of(alarm: Alarm) -> str | None:
    """What is compared with the threshold; None for the metric itself."""
    if not alarm.plus and not alarm.share_of:
        return None
    # A sum says nothing while one of its terms says nothing, so silence counts as 0.
    counted = " + ".join(f"FILL({name}, 0)" for name in metrics_of(alarm) if name != TOTAL)
    return f"IF({TOTAL} > 0, 100 * ({counted}) / {TOTAL}, 0)" if alarm.share_of else counted


def _queries(alarm: Alarm, expression: str) -> Iterator[aws.cloudwatch.MetricAlarmMetricQueryArgs]:
    yield aws.cloudwatch.MetricAlarmMetricQueryArgs(
        id=RESULT, expression=expression, label=alarm.about, return_data=True
    )
    for name, metric in metrics_of(alarm).items():
        yield aws.cloudwatch.MetricAlarmMetricQueryArgs(
            id=name,
            metric=aws.cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=dict(metric.dimensions),
                period=alarm.period_seconds,
                stat=metric.statistic,
            ),
            return_data=False,
        )
