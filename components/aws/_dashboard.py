"""A dashboard of what is watched: by contract the state of its alarms, and below it what each of them looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

import pulumi

from components.aws._alarms import Alarm, Metric
from components.aws._metric_alarm import expression_of, metrics_of

COLUMNS = 3
WIDTH, HEIGHT = 8, 6
"""Of a graph, in units of a dashboard's grid, which is 24 wide."""
Widget = dict[str, object]


def dashboard_body(watched: Sequence[tuple[Alarm, pulumi.Input[str]]], *, region: str) -> pulumi.Output[str]:
    """`watched` is each alarm with its ARN. CloudWatch takes up to 500 widgets, and 100 alarms in one."""
    return pulumi.Output.json_dumps({"widgets": list(_widgets(watched, region))})


def _widgets(watched: Sequence[tuple[Alarm, pulumi.Input[str]]], region: str) -> Iterator[Widget]:
    top = 0
    for contract, group in groupby(sorted(watched, key=_contract), key=_contract):
        alarms = list(group)
        yield _states(contract, [arn for _, arn in alarms], top)
        for place, (alarm, _) in enumerate(alarms):
            row, column = divmod(place, COLUMNS)
            yield _graph(alarm, region, x=column * WIDTH, y=top + HEIGHT * (row + 1))
        top += HEIGHT * (1 + -(-len(alarms) // COLUMNS))


def _contract(watched: tuple[Alarm, pulumi.Input[str]]) -> str:
    return watched[0].contract


def _states(contract: str, arns: Sequence[pulumi.Input[str]], y: int) -> Widget:
    return {
        "type": "alarm",
        "x": 0,
        "y": y,
        "width": COLUMNS * WIDTH,
        "height": HEIGHT,
        "properties": {"title": contract.replace("_", " "), "alarms": list(arns)},
    }


def _graph(alarm: Alarm, region: str, *, x: int, y: int) -> Widget:
    return {
        "type": "metric",
        "x": x,
        "y": y,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": f"{alarm.of}: {alarm.about.replace('-', ' ')}",
            "region": region,
            "view": "timeSeries",
            "period": alarm.period_seconds,
            "metrics": list(_lines(alarm)),
            "yAxis": {"left": {"min": 0}},
            "annotations": {"horizontal": [{"label": "alarm above", "value": alarm.threshold}]},
        },
    }


def _lines(alarm: Alarm) -> Iterator[list[object]]:
    """What the alarm compares; what that is worked out from is there too, but not drawn."""
    expression = expression_of(alarm)
    if expression is None:
        yield _line(alarm.metric, {})
        return
    yield [{"expression": expression, "label": alarm.about}]
    for name, metric in metrics_of(alarm).items():
        yield _line(metric, {"id": name, "visible": False})


def _line(metric: Metric, drawn: dict[str, object]) -> list[object]:
    dimensions = [part for dimension in metric.dimensions.items() for part in dimension]
    return [metric.namespace, metric.name, *dimensions, {"stat": metric.statistic, **drawn}]
