"""A Pub/Sub topic that everything is published to; what came in the last month can be delivered again, by `seek`.

A rule to a queue is a push subscription of it, filtered by what the publisher wrote into a message's attributes. They
are text: a total is compared by the publisher, who writes the `tier`, so there is the one threshold that it knows. A
rule to a topic is where that topic's subscriptions are made.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi

from components import event_bus
from components.behind import behind
from components.errors import WiringError
from components.event_bus import EventBusArgs, Pattern
from components.foundation import Foundation
from components.gcp import _inlet
from components.gcp._account import ServiceAccount
from components.gcp._inlet import Inlet
from components.gcp._outlet import Outlet
from components.gcp._project import Project
from components.gcp._pubsub import attribute_filter, let_publish, make_topic
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import Queue
from components.topic import Topic
from functions.environment import Variable

LONGEST_REPLAY = timedelta(days=31)
"""Pub/Sub's."""
ABOVE_THE_THRESHOLD = ("high",)
"""The tier that functions.codec writes."""


class EventBus(event_bus.EventBus):
    CHILDREN = ("topic", "publisher", *_inlet.CHILDREN)

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
        self._project = behind(foundation, Project)
        self._threshold = foundation.config.orders.high_value_threshold_minor
        self._topic = make_topic(
            name,
            project=self._project,
            replayed_for=min(timedelta(days=foundation.profile.log_retention_days), LONGEST_REPLAY),
            opts=self._child("topic"),
        )
        self.variables = {Variable.EVENT_BUS: self._topic.id}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.PUBLISH, f"bus/{self.name}", lambda: (self._let_publish(account),))

    def _let_publish(self, account: ServiceAccount) -> pulumi.Resource:
        return let_publish(self.name, account, topic=self._topic, opts=self._child("publisher"))

    def _rule(self, name: str, *, where: Pattern, to: Queue | Topic) -> None:
        if isinstance(to, Queue):
            behind(to, Inlet).feed(
                name,
                physical=f"{self.name}-{name}",
                topic=self._topic,
                where=self._filter(name, where),
                child=self._child,
            )
        elif where == Pattern():
            behind(to, Outlet).move_to(self._topic, rule=name)
        else:
            raise WiringError(
                f"rule {name}: on Google Cloud a topic gets every event of the bus, or none; "
                f"filter where its queues subscribe to {to.name}"
            )

    def _filter(self, rule: str, where: Pattern) -> str:
        wanted = {"event_type": where.event_types} if where.event_types else {}
        if where.total_minor_above is None:
            return attribute_filter(wanted)
        if where.total_minor_above != self._threshold:
            raise WiringError(
                f"rule {rule}: Pub/Sub compares no numbers, so a total can only be above "
                f"orders.high_value_threshold_minor, {self._threshold}, and not {where.total_minor_above}"
            )
        return attribute_filter({**wanted, "tier": ABOVE_THE_THRESHOLD})
