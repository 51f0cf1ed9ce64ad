"""A timer trigger, which is the function's own: the schedule gives its app the setting that says when.

A call that fails is not repeated, and is an alarm of the function's; the next one makes up for it.
"""

from __future__ import annotations

import pulumi

from components import schedule
from components.azure._app import FunctionApp
from components.azure._cron import ncrontab
from components.behind import behind
from components.errors import WiringError
from components.foundation import Foundation
from components.group import Transform
from components.schedule import ScheduleArgs

SETTING = "CLEANUP_SCHEDULE"
"""What the trigger of functions.entrypoints.azure reads."""


class Schedule(schedule.Schedule):
    """Makes nothing, so a transform has nothing to reach."""

    def __init__(
        self,
        name: str,
        *,
        args: ScheduleArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        if args.timezone != "UTC":
            raise WiringError(f"schedule {name}: a timer on Azure goes by UTC; convert {args.cron} to it")
        behind(args.function, FunctionApp).tell(SETTING, ncrontab(args.cron))
        self.register_outputs({})
