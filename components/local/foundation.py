"""The folder, and what is declared in it."""

from __future__ import annotations

import os
from pathlib import Path

import pulumi

from components import foundation
from components.errors import ConfigError, Problem
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
        folder = args.config.local.folder or _own_folder(pulumi.get_stack())
        self._home = Home(os.path.normpath(ROOT / Path(folder).expanduser()))
        self.outputs = {"folder": self._home.folder}
        self.register_outputs(self.outputs)


def _own_folder(stack: str) -> str:
    """Beside .orderly/state, where Pulumi keeps what it knows of every stack."""
    if stack == "state":
        raise ConfigError(
            [
                Problem(
                    path="local.folder",
                    what=f"missing for a stack that is named {stack}",
                    allowed=f"allowed is any folder but .orderly/{stack}, which is Pulumi's own",
                    fix="set local.folder or name the stack otherwise",
                )
            ]
        )
    return f".orderly/{stack}"
