"""Pub/Sub: push subscriptions that call one function with a message at a time, and dead letters that they share.

A queue has a topic of its own, for those who send to it and for what is sent back from its dead letters; rules and
topics feed it by subscriptions on theirs. visibility_timeout is the ack deadline, which for a push is also how long the
call may take. A call that is turned away uses up a delivery, so calls wait at a busy instance; where all instances have
as many waiting as they take, Pub/Sub slows down, and max_receive_count is how often that may happen to a message.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi

from components import queue
from components.behind import behind
from components.foundation import Foundation
from components.function import Function, Trigger
from components.gcp import _dead_letters, _inlet
from components.gcp._account import ServiceAccount, service_account
from components.gcp._alarms import Alarm, Metric
from components.gcp._called import called
from components.gcp._dead_letters import DeadLetters
from components.gcp._inlet import Consumer, Inlet
from components.gcp._project import Project
from components.gcp._pubsub import holding_subscription, let_publish, let_sign, make_topic
from components.gcp._service import Deployed
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import QueueArgs
from functions.environment import Variable

BEHIND = timedelta(minutes=5)
"""A healthy queue is empty within seconds; five minutes are no longer a burst."""
AGE = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"
"""In seconds."""


class Queue(queue.Queue):
    CHILDREN = ("topic", "publisher", "pusher", "pusher-agent", *_inlet.CHILDREN, *_dead_letters.CHILDREN)

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
        self._project, self._args = behind(foundation, Project), args
        self._dead_letters = DeadLetters(name, project=self._project, child=self._child, contract="queue")
        self._takes_dead_letters = self._dead_letters.accept_from_pubsub()
        self._topic = make_topic(name, project=self._project, opts=self._child("topic"))
        self.variables = {Variable.QUEUE: self._project.path("topics", self._project.name("topic", name))}
        self.consumer_variables = {Variable.DEAD_LETTERS: self._dead_letters.path}
        self.register_outputs({})

    def deliveries(self, *, max_concurrency: int) -> Trigger:
        return called(super().deliveries(max_concurrency=max_concurrency), at_once=max_concurrency)

    def grant_send(self, identity: Identity) -> Grant:
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.SEND, f"queue/{self.name}", lambda: (self._let_publish(account),))

    def grant_consume(self, identity: Identity) -> Grant:
        """Pub/Sub brings the messages; putting among the dead letters what can never succeed is up to the consumer."""
        account = behind(identity, ServiceAccount)
        return account.grant(Verb.CONSUME, f"queue/{self.name}", lambda: (self._dead_letters.accept_from(account),))

    def finish(self) -> None:
        if self._consumer is None:
            holding_subscription(self.name, topic=self._topic, project=self._project, opts=self._child("subscription"))
        else:
            self._project.watch(_alarm(self.name, tuple(self._inlet.subscriptions)))

    def _let_publish(self, account: ServiceAccount) -> pulumi.Resource:
        return let_publish(self.name, account, topic=self._topic, opts=self._child("publisher"))

    def _attach(self, function: Function, *, max_concurrency: int) -> None:
        self._behind = self._inlet = Inlet(
            project=self._project,
            args=self._args,
            dead_letters=self._dead_letters,
            consumer=self._make_consumer(function),
        )
        self._inlet.feed(self.name, physical=self.name, topic=self._topic, where="", child=self._child)

    def _make_consumer(self, function: Function) -> Consumer:
        pusher = service_account(
            f"{self.name}-push",
            project=self._project,
            says=f"queue {self.name}: calls {function.name}",
            opts=self._child("pusher"),
        )
        signs = let_sign(pusher, opts=self._child("pusher-agent"))
        invokes = function.grant_invoke(pusher)
        return Consumer(
            deployed=behind(function, Deployed),
            pusher=pusher,
            granted=(signs, self._takes_dead_letters, *invokes.carried_by),
        )


def _alarm(name: str, subscriptions: tuple[str, ...]) -> Alarm:
    return Alarm(
        about="queue-age-seconds",
        contract="queue",
        of=name,
        says=f"Messages wait over {BEHIND} for the queue {name}: its consumer fails or cannot keep up.",
        metric=Metric(
            type=AGE,
            resource="pubsub_subscription",
            labels={"subscription_id": subscriptions},
            aligner="ALIGN_MAX",
            reducer="REDUCE_MAX",
        ),
        threshold=BEHIND.total_seconds(),
    )
