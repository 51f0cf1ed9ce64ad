"""The folder, and what is declared in it."""

from __future__ import annotations

import pulumi

from components import foundation
from components.foundation import FoundationArgs
from components.group import Transform
from components.local._home import Home
from components.local._source import ROOT


class Foundation(foundation.Foundation):
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
