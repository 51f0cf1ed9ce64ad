"""A Service Bus queue and its dead letters: a consumer takes a message at a time and hides it by a lock.

visibility_timeout is the lock's duration. Whoever sends gives each message an id, and what comes a second time within
ten minutes is dropped; later, the consumer knows it.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components import queue
from components.azure import _dead_letters
from components.azure._backlog import backlog_alarm
from components.azure._dead_letters import DeadLetters
from components.azure._deliveries import Deliveries
from components.azure._entities import Inlet
from components.azure._identity import ManagedIdentity
from components.azure._messaging import ADDRESS, REMEMBERED, duration
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.behind import behind
from components.foundation import Foundation
from components.function import Function, Trigger
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import QueueArgs
from functions.environment import Variable

KEPT = timedelta(days=7)
"""Shorter than dead letters are held: theirs counts from when they died."""


class Queue(queue.Queue):
    CHILDREN = ("queue", "sender", "receiver", *_dead_letters.CHILDREN)

    def __init__(
        self,
        name: str,
        *,
        args: QueueArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._subscription = behind(foundation, Subscription)
        self._dead_letters = DeadLetters(name, subscription=self._subscription, child=self._child, contract="queue")
        self._queue = self._make_queue(args)
        self._behind = self._inlet = Inlet(queue=self._queue, dead_letters=self._dead_letters)
        self.variables = {Variable.QUEUE: self._queue.name, ADDRESS: self._subscription.namespace.host}
        self.consumer_variables = {Variable.DEAD_LETTERS: self._dead_letters.address}
        self.register_outputs({})

    def deliveries(self, *, max_concurrency: int) -> Trigger:
        trigger = super().deliveries(max_concurrency=max_concurrency)
        return Deliveries(
            grant=trigger.grant, variables=trigger.variables, attach=trigger.attach, at_once=max_concurrency
        )

    def grant_send(self, identity: Identity) -> Grant:
        sender = behind(identity, ManagedIdentity)
        return sender.grant(Verb.SEND, f"queue/{self.name}", lambda: (self._let_send(sender),))

    def grant_consume(self, identity: Identity) -> Grant:
        """Receive, and put among the dead letters what can never succeed."""
        receiver = behind(identity, ManagedIdentity)
        return receiver.grant(Verb.CONSUME, f"queue/{self.name}", lambda: self._let_receive(receiver))

    def _let_send(self, sender: ManagedIdentity) -> pulumi.Resource:
        return sender.allow(
            f"{self.name}-{sender.name}-sender",
            role=Role.SERVICE_BUS_SENDER,
            on=self._queue.id,
            opts=self._child("sender"),
        )

    def _let_receive(self, receiver: ManagedIdentity) -> tuple[pulumi.Resource, ...]:
        receives = receiver.allow(
            f"{self.name}-{receiver.name}-receiver",
            role=Role.SERVICE_BUS_RECEIVER,
            on=self._queue.id,
            opts=self._child("receiver"),
        )
        return (receives, self._dead_letters.accept_from(receiver))

    def _make_queue(self, args: QueueArgs) -> azure.servicebus.Queue:
        return azure.servicebus.Queue(
            self.name,
            resource_group_name=self._subscription.group_name,
            namespace_name=self._subscription.namespace.made.name,
            queue_name=self.name,
            lock_duration=duration(args.visibility_timeout),
            max_delivery_count=args.max_receive_count,
            default_message_time_to_live=duration(KEPT),
            dead_lettering_on_message_expiration=True,
            forward_dead_lettered_messages_to=self._dead_letters.queue.name,
            # It can be asked for only when a queue is made.
            requires_duplicate_detection=True,
            duplicate_detection_history_time_window=duration(REMEMBERED),
            opts=self._child("queue"),
        )

    def _attach(self, function: Function, *, max_concurrency: int) -> None:
        """The function's own trigger fetches the messages; what is left to do is to see whether it keeps up."""
        self._subscription.watch(
            backlog_alarm(self.name, self._queue, at_once=max_concurrency, subscription=self._subscription)
        )
