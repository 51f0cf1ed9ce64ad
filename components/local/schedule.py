"""A cron expression that the run time's clock follows."""

from __future__ import annotations

import pulumi

from components import schedule
from components.foundation import Foundation
from components.group import Transform
from components.local import _resources as local
from components.local._home import home_of
from components.schedule import ScheduleArgs


class Schedule(schedule.Schedule):
    CHILDREN = ("schedule",)

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
        home = home_of(foundation)
        home.declare(
            local.Schedule(
                name,
                home=home.folder,
                cron=args.cron,
                timezone=args.timezone,
                function=args.function.name,
                opts=self._child("schedule"),
            )
        )
        self.register_outputs({})
