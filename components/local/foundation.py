"""The folder, and at the end the run time that follows everything declared in it."""

from __future__ import annotations

import pulumi

from components import foundation
from components.api import Api
from components.component import Transform
from components.foundation import FoundationArgs
from components.local._home import Home
from components.local._resources import RunTime
from components.local._source import ROOT, code_digest


class Foundation(foundation.Foundation):
    CHILDREN = ("run-time",)

    def __init__(
        self,
        name: str,
        *,
        args: FoundationArgs,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, transform=transform, opts=opts)
        self._home = Home(str(ROOT / (args.config.local.folder or f".orderly/{pulumi.get_stack()}")))
        self.outputs = {"folder": self._home.folder}
        self.register_outputs(self.outputs)

    def serve(self, api: Api) -> pulumi.Output[str]:
        """Starts the run time, which follows every declaration by its digest."""
        run_time = RunTime(
            "run-time",
            home=self._home.folder,
            port=self.config.local.port,
            log_level=self.python_log_level,
            declarations=self._home.digests,
            code=code_digest(),
            opts=self._child("run-time", pulumi.ResourceOptions(depends_on=self._home.resources)),
        )
        return run_time.url
