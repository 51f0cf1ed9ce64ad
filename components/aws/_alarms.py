"""What has to be watched, said by the component that knows it; `observability` makes alarms and a dashboard of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

FAILED_PERCENT = 1
"""Of the calls of a function, of the requests to an API: a share that is no longer bad luck."""
NEARLY_TIMED_OUT = 0.8
"""Of a function's timeout; whoever is that slow at p99 has calls that are cut off."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of CloudWatch; `statistic` may be a percentile, as in `p99`."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str = "Sum"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Raised when the metric, or its percentage of `share_of`, is above the threshold for `periods` periods.

    What is in `plus` is added to the metric; together they are at most 9, because an alarm reads no more than 10.
    """

    about: str
    """What is watched, as in `dead-letters`; with `contract` and `of` it names the alarm."""
    contract: str
    """The contract of the component that it is about, as in `queue`."""
    of: str
    """That component's name."""
    says: str
    """A sentence for whoever is woken by it: what happened, and where to look."""
    metric: Metric
    threshold: float
    plus: tuple[Metric, ...] = ()
    share_of: Metric | None = None
    period_seconds: int = 60
    periods: int = 1
