"""A function of functions/entrypoints/local.py, called by the run time with a client that knows its grants."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components import function
from components.foundation import Foundation
from components.function import FunctionArgs
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.link import wire
from components.local import _resources as local
from components.local._home import home_of

ENTRY_POINTS = "functions.entrypoints.local"


@dataclass(frozen=True)
class _Name:
    """On one machine a function's identity is its name."""

    name: str


class Function(function.Function):
    CHILDREN = ("function",)

    def __init__(
        self,
        name: str,
        *,
        args: FunctionArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self.identity = _Name(name)
        wiring = wire(name, self.identity, self._links(args, foundation))
        self.grants = wiring.grants
        home = home_of(foundation)
        home.declare(
            local.Function(
                name,
                home=home.folder,
                handler=f"{ENTRY_POINTS}:{args.handler}",
                timeout_seconds=args.timeout.total_seconds(),
                environment=wiring.variables,
                grants=[{"verb": grant.verb, "resource": grant.resource} for grant in wiring.grants],
                opts=self._child("function"),
            )
        )
        self.register_outputs({})
        if args.trigger:
            args.trigger.attach(self)

    def grant_invoke(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.INVOKE, resource=f"function/{self.name}")
