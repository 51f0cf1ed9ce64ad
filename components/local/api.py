"""The routes on loopback, served by the run time: the one process that follows every declaration."""

from __future__ import annotations

import pulumi

from components import api
from components.api import ApiArgs
from components.foundation import Foundation
from components.group import Transform
from components.local import _resources as local
from components.local._home import home_of
from components.local._source import code_digest


class Api(api.Api):
    CHILDREN = ("api", "run-time")

    def __init__(
        self,
        name: str,
        *,
        args: ApiArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._home, self._system = home_of(foundation), foundation
        self._home.declare(
            local.Api(
                name,
                home=self._home.folder,
                function=args.function.name,
                cors_origins=list(args.cors_origins),
                rate_per_second=args.rate_per_second,
                burst=args.burst,
                opts=self._child("api"),
            )
        )
        self.register_outputs({})

    def serve(self) -> pulumi.Output[str]:
        """Starts the run time, which follows every declaration by its digest."""
        run_time = local.RunTime(
            "run-time",
            home=self._home.folder,
            port=self._system.config.local.port,
            log_level=self._system.python_log_level,
            declarations=self._home.digests,
            code=code_digest(),
            opts=self._child("run-time"),
        )
        return run_time.url
