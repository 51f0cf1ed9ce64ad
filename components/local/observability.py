"""Alarms that the run time watches, shows and logs; the log itself is one file in the folder."""

from __future__ import annotations

from collections.abc import Iterator

import pulumi

from components import observability
from components.foundation import Foundation
from components.group import Transform
from components.local import _resources as local
from components.local._home import home_of
from components.observability import ObservabilityArgs

BEHIND_SECONDS = 300
"""A healthy queue or feed is empty within seconds; five minutes are no longer a burst."""
FEED_LAG_RECORDS = 1000


class Observability(observability.Observability):
    CHILDREN = ("alarm",)

    def __init__(
        self,
        name: str,
        *,
        args: ObservabilityArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        home = home_of(foundation)
        for metric, resource, threshold in _alarms(args):
            home.declare(
                local.Alarm(
                    f"{resource}-{metric}",
                    home=home.folder,
                    metric=metric,
                    resource=resource,
                    threshold=threshold,
                    opts=self._child("alarm"),
                )
            )
        self.register_outputs({})


def _alarms(args: ObservabilityArgs) -> Iterator[tuple[str, str, float]]:
    """Metric, the resource's name, and what is still normal."""
    for queue in args.queues:
        yield "dead-letters", queue.name, 0
        yield "queue-age-seconds", queue.name, BEHIND_SECONDS
    for function in args.functions:
        yield "function-errors", function.name, 0
    yield "feed-lag", args.database.name, FEED_LAG_RECORDS
    yield "stuck-sagas", args.workflow.name, 0
    yield "failed-compensations", args.workflow.name, 0
