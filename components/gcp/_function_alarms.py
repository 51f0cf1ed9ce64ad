"""What is watched of every function: it fails, it nearly runs out of time."""

from __future__ import annotations

from collections.abc import Iterator

from components.gcp._alarms import Alarm, Metric
from components.gcp._service import Deployed

RESOURCE = "cloud_run_revision"
REQUESTS = "run.googleapis.com/request_count"
LATENCIES = "run.googleapis.com/request_latencies"
"""In milliseconds."""
FAILED_PERCENT = 1
NEARLY_TIMED_OUT = 0.8
"""Of the timeout; whoever is that slow in one call of twenty has calls that are cut off."""


def function_alarms(name: str, function: Deployed) -> Iterator[Alarm]:
    of = {"service_name": function.physical_name}
    yield Alarm(
        about="function-errors",
        contract="function",
        of=name,
        says=f"More than {FAILED_PERCENT} % of the calls of {name} failed; the log of its service says how.",
        metric=Metric(type=REQUESTS, resource=RESOURCE, labels=of, metric_labels={"response_code_class": "5xx"}),
        share_of=Metric(type=REQUESTS, resource=RESOURCE, labels=of),
        threshold=FAILED_PERCENT,
        periods=3,
    )
    yield Alarm(
        about="function-duration",
        contract="function",
        of=name,
        says=f"One in twenty calls of {name} takes over {NEARLY_TIMED_OUT:.0%} of its timeout.",
        metric=Metric(
            type=LATENCIES, resource=RESOURCE, labels=of, aligner="ALIGN_PERCENTILE_95", reducer="REDUCE_MAX"
        ),
        threshold=NEARLY_TIMED_OUT * 1000 * function.timeout_seconds,
        periods=5,
    )
