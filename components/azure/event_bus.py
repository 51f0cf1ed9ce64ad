"""A custom topic of Event Grid for CloudEvents; what it delivers to Service Bus it delivers as an identity of its own.

A rule is an event subscription, which compares types and totals itself. Event Grid gives each message an id that stays
the same when it delivers again. After a day it gives an event up, and puts it in a container for dead letters.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components import event_bus
from components.azure import _event_subscription
from components.azure._alarms import Alarm, Metric
from components.azure._entities import Inlet
from components.azure._event_subscription import Bus
from components.azure._identity import ManagedIdentity
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.behind import behind
from components.event_bus import EventBusArgs, Pattern
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import Queue
from components.topic import Topic
from functions.environment import Variable


class EventBus(event_bus.EventBus):
    CHILDREN = ("topic", "publisher", *_event_subscription.CHILDREN)

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
        self._subscription = behind(foundation, Subscription)
        self._topic = self._make_topic()
        self._behind = self._bus = Bus(name, topic=self._topic, subscription=self._subscription, child=self._child)
        self._subscription.watch(self._alarm())
        self.variables = {Variable.EVENT_BUS: self._topic.endpoint}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        publisher = behind(identity, ManagedIdentity)
        return publisher.grant(Verb.PUBLISH, f"bus/{self.name}", lambda: (self._let_publish(publisher),))

    def _let_publish(self, publisher: ManagedIdentity) -> pulumi.Resource:
        return publisher.allow(
            f"{self.name}-{publisher.name}-publisher",
            role=Role.EVENT_GRID_SENDER,
            on=self._topic.id,
            opts=self._child("publisher"),
        )

    def _rule(self, name: str, *, where: Pattern, to: Queue | Topic) -> None:
        fed = behind(to, Inlet).queue if isinstance(to, Queue) else behind(to, azure.servicebus.Topic)
        self._bus.deliver(name, where=where, to=fed)

    def _make_topic(self) -> azure.eventgrid.Topic:
        return azure.eventgrid.Topic(
            self.name,
            resource_group_name=self._subscription.group_name,
            location=self._subscription.location,
            topic_name=self._subscription.name("event_bus", self.name),
            input_schema=azure.eventgrid.InputSchema.CLOUD_EVENT_SCHEMA_V1_0,
            disable_local_auth=True,
            minimum_tls_version_allowed=azure.eventgrid.TlsVersion.TLS_VERSION_1_2,
            identity=azure.eventgrid.IdentityInfoArgs(type=azure.eventgrid.IdentityType.SYSTEM_ASSIGNED),
            opts=self._child("topic"),
        )

    def _alarm(self) -> Alarm:
        return Alarm(
            about="dead-letters",
            contract="event_bus",
            of=self.name,
            says=f"An event of {self.name} could not be delivered for a day, and waits in the bus's container.",
            measured=Metric(
                name="DeadLetteredCount",
                namespace="microsoft.eventgrid/topics",
                of=self._topic.id,
                aggregation="Total",
            ),
            threshold=0,
            window=timedelta(minutes=15),
        )
