"""What is watched of every function: its calls fail, or nearly run out of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from components.azure._alarms import Aggregation, Alarm, Metric
from components.azure._app import FunctionApp
from components.azure._subscription import Subscription

METRICS = "microsoft.insights/components"
ROLE = "cloud/roleName"
"""By which Application Insights tells apps apart."""
FAILED = 5
LOOKED_AT = timedelta(minutes=15)
NEARLY_TIMED_OUT = 0.8
"""Of the timeout, on average: then a good part of the calls is cut off."""


def function_alarms(name: str, app: FunctionApp, *, timeout: timedelta, subscription: Subscription) -> Iterator[Alarm]:
    yield Alarm(
        about="function-errors",
        contract="function",
        of=name,
        says=f"More than {FAILED} calls of {name} failed in a quarter of an hour; its log says how.",
        measured=failed_calls(app, subscription),
        threshold=FAILED,
        window=LOOKED_AT,
    )
    yield Alarm(
        about="function-duration",
        contract="function",
        of=name,
        says=f"A call of {name} takes over {NEARLY_TIMED_OUT:.0%} of its timeout on average.",
        measured=_requests("duration", "Average", app, subscription),
        threshold=NEARLY_TIMED_OUT * timeout / timedelta(milliseconds=1),
        window=LOOKED_AT,
    )


def failed_calls(app: FunctionApp, subscription: Subscription) -> Metric:
    return _requests("failed", "Count", app, subscription)


def _requests(what: str, aggregation: Aggregation, app: FunctionApp, subscription: Subscription) -> Metric:
    return Metric(
        name=f"requests/{what}",
        namespace=METRICS,
        of=subscription.insights.id,
        aggregation=aggregation,
        dimensions={ROLE: app.physical_name},
    )
