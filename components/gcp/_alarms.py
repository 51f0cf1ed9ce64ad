"""What has to be watched, said by the component that knows it; `observability` makes alert policies and a dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of Cloud Monitoring; what is measured of several revisions or subscriptions, `reducer` makes one."""

    type: str
    """As in `run.googleapis.com/request_count`."""
    resource: str
    """The type of the monitored resource, as in `cloud_run_revision`."""
    labels: Mapping[str, pulumi.Input[str] | tuple[str, ...]]
    """The resource's labels: each is this text, or one of these."""
    metric_labels: Mapping[str, str | int] = field(default_factory=dict)
    aligner: str = "ALIGN_DELTA"
    reducer: str = "REDUCE_SUM"


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Raised when the metric, or its percentage of `share_of`, was above the threshold for `periods` periods."""

    about: str
    """What is watched, as in `dead-letters`; with `contract` and `of` it names the alert policy."""
    contract: str
    """The contract of the component that it is about, as in `queue`."""
    of: str
    """That component's name."""
    says: str
    """A sentence for whoever is woken by it: what happened, and where to look."""
    metric: Metric
    threshold: float
    share_of: Metric | None = None
    period_seconds: int = 60
    periods: int = 1
    after: tuple[pulumi.Resource, ...] = ()
    """What has to be there before it can be watched: a metric that is counted from logs."""
