"""A declaration; the run time copies what is published to the queues whose filter matches."""

from __future__ import annotations

import pulumi

from components import topic
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.local import _resources as local
from components.local._home import home_of
from components.queue import Queue
from components.topic import Filter, TopicArgs
from functions.environment import Variable


class Topic(topic.Topic):
    CHILDREN = ("topic", "subscription")

    def __init__(
        self,
        name: str,
        *,
        args: TopicArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._home = home_of(foundation)
        self._home.declare(local.Topic(name, home=self._home.folder, opts=self._child("topic")))
        self.variables = {Variable.TOPIC: name}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        return Grant(verb=Verb.PUBLISH, resource=f"topic/{self.name}")

    def _subscribe(self, queue: Queue, *, where: Filter) -> None:
        self._home.declare(
            local.Subscription(
                f"{self.name}-{queue.name}",
                home=self._home.folder,
                topic=self.name,
                queue=queue.name,
                filter={attribute: list(values) for attribute, values in where.items()},
                opts=self._child("subscription"),
            )
        )
