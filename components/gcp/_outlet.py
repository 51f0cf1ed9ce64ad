"""Where a topic's subscriptions are made: on the bus that passes everything on to it, or on a topic of its own.

Pub/Sub cannot forward from one topic to another, so a rule to a topic moves the topic's subscriptions to the bus.
"""

from __future__ import annotations

import pulumi_gcp as gcp

from components.errors import WiringError
from components.gcp._project import Project
from components.gcp._pubsub import make_topic
from components.group import Child


class Outlet:
    """Its own topic is made when it is first needed, for one that nobody publishes to would only mislead."""

    def __init__(self, name: str, *, project: Project, child: Child) -> None:
        self._name, self._project, self._child = name, project, child
        self._bus: gcp.pubsub.Topic | None = None
        self._own: gcp.pubsub.Topic | None = None
        self.label = name
        """What its subscriptions are named after: the topic, or the rule that feeds it."""

    def move_to(self, bus: gcp.pubsub.Topic, *, rule: str) -> None:
        if self._bus or self._own:
            raise WiringError(
                f"topic {self._name}: rule {rule} comes too late; on Google Cloud one rule feeds a topic, and comes "
                "before its subscriptions, and nobody else publishes to it"
            )
        self._bus, self.label = bus, rule

    def own_topic(self) -> gcp.pubsub.Topic:
        if self._bus:
            raise WiringError(
                f"topic {self._name}: the rule {self.label} feeds it, so on Google Cloud nobody else can publish to "
                "it; publish to the bus"
            )
        if self._own is None:
            self._own = make_topic(self._name, project=self._project, opts=self._child("topic"))
        return self._own

    def topic(self) -> gcp.pubsub.Topic:
        return self._bus or self.own_topic()
