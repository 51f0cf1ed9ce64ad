"""What an API Gateway, a load balancer and the service itself have in common as the front of an API."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pulumi

from components.gcp._alarms import Alarm, Metric
from components.gcp._project import Project
from components.gcp._service import Deployed
from components.group import Child

FAILED_PERCENT = 1
NEARLY_TIMED_OUT = 0.8
"""Of the function's timeout."""
EVERYBODY = "allUsers"


@dataclass(frozen=True, kw_only=True)
class Exposed:
    """What is put before callers; `child` gives the options of the component's children."""

    name: str
    project: Project
    child: Child
    function: Deployed

    def open_to_everybody(self) -> None:
        """Cloud Run lets any request in; the function verifies its token itself."""
        self.function.let_call(f"{self.name}-everybody", member=EVERYBODY, opts=self.child("everybody"))


class Front(Protocol):
    @property
    def address(self) -> pulumi.Output[str]: ...
    def alarms(self) -> Iterator[Alarm]:
        """Of what the function's own alarms do not see."""
        ...


def failures(exposed: Exposed, *, failed: Metric, requests: Metric) -> Alarm:
    return Alarm(
        about="api-errors",
        contract="api",
        of=exposed.name,
        says=f"More than {FAILED_PERCENT} % of the requests to {exposed.name} failed on our side; its log says which.",
        metric=failed,
        share_of=requests,
        threshold=FAILED_PERCENT,
        periods=3,
    )


def slowness(exposed: Exposed, latency: Metric) -> Alarm:
    return Alarm(
        about="api-latency",
        contract="api",
        of=exposed.name,
        says=f"One in twenty requests to {exposed.name} takes over {NEARLY_TIMED_OUT:.0%} of the time that it may.",
        metric=latency,
        threshold=NEARLY_TIMED_OUT * 1000 * exposed.function.timeout_seconds,
        periods=5,
    )
