"""A Service Bus topic: each subscribed queue gets a subscription that forwards to it what passes the filter.

A filter looks at application properties. It is the subscription's `$Default` rule: beside one that was merely added,
that rule would let everything pass.
"""

from __future__ import annotations

import pulumi
import pulumi_azure_native as azure

from components import topic
from components.azure._entities import Inlet
from components.azure._identity import ManagedIdentity
from components.azure._messaging import ADDRESS, REMEMBERED, duration, sql_filter
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.behind import behind
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import Queue
from components.topic import Filter, TopicArgs
from functions.environment import Variable


class Topic(topic.Topic):
    CHILDREN = ("topic", "sender", "subscription", "filter")

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
        self._subscription = behind(foundation, Subscription)
        self._behind = self._topic = azure.servicebus.Topic(
            name,
            resource_group_name=self._subscription.group_name,
            namespace_name=self._subscription.namespace.made.name,
            topic_name=name,
            requires_duplicate_detection=True,
            duplicate_detection_history_time_window=duration(REMEMBERED),
            opts=self._child("topic"),
        )
        self.variables = {Variable.TOPIC: self._topic.name, ADDRESS: self._subscription.namespace.host}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        publisher = behind(identity, ManagedIdentity)
        return publisher.grant(Verb.PUBLISH, f"topic/{self.name}", lambda: (self._let_publish(publisher),))

    def _let_publish(self, publisher: ManagedIdentity) -> pulumi.Resource:
        return publisher.allow(
            f"{self.name}-{publisher.name}-publisher",
            role=Role.SERVICE_BUS_SENDER,
            on=self._topic.id,
            opts=self._child("sender"),
        )

    def _subscribe(self, queue: Queue, *, where: Filter) -> None:
        """What cannot be forwarded, or no filter can read, waits among the queue's dead letters."""
        name, inlet = f"{self.name}-{queue.name}", behind(queue, Inlet)
        subscription = azure.servicebus.Subscription(
            name,
            resource_group_name=self._subscription.group_name,
            namespace_name=self._subscription.namespace.made.name,
            topic_name=self._topic.name,
            subscription_name=queue.name,
            forward_to=inlet.queue.name,
            forward_dead_lettered_messages_to=inlet.dead_letters.queue.name,
            dead_lettering_on_filter_evaluation_exceptions=True,
            opts=self._child("subscription"),
        )
        azure.servicebus.DefaultRule(
            name,
            resource_group_name=self._subscription.group_name,
            namespace_name=self._subscription.namespace.made.name,
            topic_name=self._topic.name,
            subscription_name=subscription.name,
            filter_type=azure.servicebus.FilterType.SQL_FILTER,
            sql_filter=azure.servicebus.SqlFilterArgs(sql_expression=sql_filter(where)),
            opts=self._child("filter"),
        )
