"""Pub/Sub: each subscribed queue gets a push subscription whose filter looks at the message's attributes.

A topic that a rule feeds has no topic of its own: its subscriptions are on the bus.
"""

from __future__ import annotations

import pulumi

from components import topic
from components.behind import behind
from components.foundation import Foundation
from components.gcp import _inlet
from components.gcp._account import ServiceAccount
from components.gcp._inlet import Inlet
from components.gcp._outlet import Outlet
from components.gcp._project import Project
from components.gcp._pubsub import attribute_filter, let_publish
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import Queue
from components.topic import Filter, TopicArgs
from functions.environment import Variable


class Topic(topic.Topic):
    CHILDREN = ("topic", "publisher", *_inlet.CHILDREN)

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
        self._project = behind(foundation, Project)
        self._behind = self._outlet = Outlet(name, project=self._project, child=self._child)
        self.variables = {Variable.TOPIC: self._project.path("topics", self._project.name("topic", name))}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.PUBLISH, f"topic/{self.name}", lambda: (self._let_publish(account),))

    def _let_publish(self, account: ServiceAccount) -> pulumi.Resource:
        return let_publish(self.name, account, topic=self._outlet.own_topic(), opts=self._child("publisher"))

    def _subscribe(self, queue: Queue, *, where: Filter) -> None:
        behind(queue, Inlet).feed(
            f"{self._outlet.label}-{queue.name}",
            physical=f"{self.name}-{queue.name}",
            topic=self._outlet.topic(),
            where=attribute_filter(where),
            child=self._child,
        )
