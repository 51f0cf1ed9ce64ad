"""The folder, and what is declared in it."""

from __future__ import annotations

import pulumi

from components import foundation
from components.errors import ConfigError, Problem
from components.foundation import FoundationArgs
from components.group import Transform
from components.local._home import Home
from components.local_folder import OF_PULUMI, local_folder


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
        stack, configured = pulumi.get_stack(), args.config.local.folder
        if not configured:
            _require_own_folder(stack)
        self._home = Home(str(local_folder(stack, configured)))
        self.outputs = {"folder": self._home.folder}
        self.register_outputs(self.outputs)


def _require_own_folder(stack: str) -> None:
    if stack == OF_PULUMI:
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
