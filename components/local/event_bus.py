"""A declaration; the run time copies what is published to what the rules name."""

from __future__ import annotations

import pulumi

from components import event_bus
from components.event_bus import EventBusArgs, Pattern
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.local import _resources as local
from components.local._home import home_of
from components.queue import Queue
from components.topic import Topic
from functions.environment import Variable


class EventBus(event_bus.EventBus):
    CHILDREN = ("bus", "rule")

    def __init__(
        self,
        name: str,
        *,
        args: EventBusArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._home = home_of(foundation)
        self._home.declare(local.EventBus(name, home=self._home.folder, opts=self._child("bus")))
        self.variables = {Variable.EVENT_BUS: name}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.PUBLISH, resource=f"bus/{self.name}")

    def _rule(self, name: str, *, where: Pattern, to: Queue | Topic) -> None:
        kind = "queue" if isinstance(to, Queue) else "topic"
        self._home.declare(
            local.Rule(
                name,
                home=self._home.folder,
                bus=self.name,
                pattern=_pattern(where),
                targets=[f"{kind}/{to.name}"],
                opts=self._child("rule"),
            )
        )


def _pattern(where: Pattern) -> dict[str, list[object]]:
    pattern: dict[str, list[object]] = {}
    if where.event_types:
        pattern["event_type"] = list(where.event_types)
    if where.total_minor_above is not None:
        pattern["total_minor"] = [{"numeric": [">", where.total_minor_above]}]
    return pattern
