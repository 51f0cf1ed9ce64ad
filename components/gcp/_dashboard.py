"""A dashboard of what is watched: by contract the incidents that are open, and below them what each alarm looks at."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pulumi

from components.gcp._alarms import Alarm, Metric
from components.gcp._alert_policy import filter_of, threshold_of

COLUMNS = 3
WIDTH, HEIGHT = 16, 12
"""Of a chart, in units of a mosaic of 48 columns, which is as many as there can be."""
Json = dict[str, Any]


def dashboard_json(title: str, watched: Sequence[tuple[Alarm, pulumi.Input[str]]]) -> pulumi.Output[str]:
    """`watched` is each alarm with the name of its policy.

    Written as Monitoring gives it back: any other way of writing the same would be a difference at every `up`.
    """
    tiles = list(_tiles(watched))
    dashboard: Json = {"displayName": title, "mosaicLayout": {"columns": COLUMNS * WIDTH, "tiles": tiles}}
    return pulumi.Output.from_input(dashboard).apply(
        lambda found: json.dumps(found, sort_keys=True, separators=(",", ":"))
    )


def _tiles(watched: Sequence[tuple[Alarm, pulumi.Input[str]]]) -> Iterator[Json]:
    top = 0
    for contract, group in groupby(sorted(watched, key=_contract), key=_contract):
        alarms = list(group)
        yield _tile(_incidents(contract, [policy for _, policy in alarms]), y=top, width=COLUMNS * WIDTH)
        for place, (alarm, _) in enumerate(alarms):
            row, column = divmod(place, COLUMNS)
            yield _tile(_chart(alarm), x=column * WIDTH, y=top + HEIGHT * (row + 1), width=WIDTH)
        top += HEIGHT * (1 + -(-len(alarms) // COLUMNS))


def _contract(watched: tuple[Alarm, pulumi.Input[str]]) -> str:
    return watched[0].contract


def _tile(widget: Json, *, y: int, width: int, x: int = 0) -> Json:
    """A place that is 0 is left out, as Monitoring does."""
    place = {name: value for name, value in (("xPos", x), ("yPos", y)) if value}
    return {**place, "width": width, "height": HEIGHT, "widget": widget}


def _incidents(contract: str, policies: Sequence[pulumi.Input[str]]) -> Json:
    return {"title": contract.replace("_", " "), "incidentList": {"policyNames": list(policies)}}


def _chart(alarm: Alarm) -> Json:
    return {
        "title": f"{alarm.of}: {alarm.about.replace('-', ' ')}",
        "xyChart": {
            "dataSets": [{"plotType": "LINE", "targetAxis": "Y1", "timeSeriesQuery": _query(alarm)}],
            "thresholds": [{"label": "alarm above", "targetAxis": "Y1", "value": threshold_of(alarm)}],
            "yAxis": {"scale": "LINEAR"},
        },
    }


def _query(alarm: Alarm) -> Json:
    measured = _measured(alarm.metric, alarm.period_seconds)
    if alarm.share_of is None:
        return {"timeSeriesFilter": measured}
    whole = _measured(alarm.share_of, alarm.period_seconds)
    return {"timeSeriesFilterRatio": {"numerator": measured, "denominator": whole}}


def _measured(metric: Metric, period_seconds: int) -> Json:
    return {
        "filter": filter_of(metric),
        "aggregation": {
            "alignmentPeriod": f"{period_seconds}s",
            "perSeriesAligner": metric.aligner,
            "crossSeriesReducer": metric.reducer,
        },
    }
