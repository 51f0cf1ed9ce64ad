"""SQS: a standard queue, encrypted by SQS's own key, that a function's poller reads in batches of up to ten.

visibility_timeout is kept as given. It covers the wait for a batch and the call: the wait is five seconds, or what the
timeout leaves of it. AWS advises six times the consumer's timeout, since a batch that is turned away while the account
has no concurrency left uses up a delivery of its messages; `aws.reserved_concurrency` keeps some for a consumer.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_aws as aws

from components import queue
from components.aws import _dead_letters
from components.aws._account import Account
from components.aws._alarms import Alarm, Metric
from components.aws._dead_letters import SEND, DeadLetters
from components.aws._inlet import Inlet
from components.aws._lambda import Deployed
from components.aws._role import Role
from components.behind import behind
from components.foundation import Foundation
from components.function import Function
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import QueueArgs
from functions.environment import Variable

CONSUME = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")
BATCH_SIZE = 10
BATCH_WINDOW = timedelta(seconds=5)
KEPT = timedelta(days=4)
"""Shorter than dead letters are kept: they count from when the message was first sent."""
LONG_POLL = timedelta(seconds=20)
BEHIND = timedelta(minutes=5)
"""A healthy queue is empty within seconds; five minutes are no longer a burst."""


class Queue(queue.Queue):
    CHILDREN = ("queue", "queue-policy", "redrive-allow-policy", "event-source-mapping", *_dead_letters.CHILDREN)

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
        self._account, self._visibility_timeout = behind(foundation, Account), args.visibility_timeout
        self._dead_letters = DeadLetters(name, account=self._account, child=self._child, contract="queue")
        self._behind = self._inlet = Inlet(name, queue=self._queue(args), opts=self._child("queue-policy"))
        self._allow_redrive()
        self._account.watch(_alarm(name, self._account.name("queue", name)))
        self.variables = {Variable.QUEUE: self._inlet.queue.url}
        self.consumer_variables = {Variable.DEAD_LETTERS: self._dead_letters.queue.url}
        self.register_outputs({})

    def grant_send(self, identity: Identity) -> Grant:
        carried_by = behind(identity, Role).allow(*SEND, on=(self._inlet.arn,))
        return Grant(verb=Verb.SEND, resource=f"queue/{self.name}", carried_by=carried_by)

    def grant_consume(self, identity: Identity) -> Grant:
        """With it goes putting among the dead letters, at once, what can never succeed."""
        role = behind(identity, Role)
        carried_by = (
            *role.allow(*CONSUME, on=(self._inlet.arn,)),
            *role.allow(*SEND, on=(self._dead_letters.arn,)),
        )
        return Grant(verb=Verb.CONSUME, resource=f"queue/{self.name}", carried_by=carried_by)

    def finish(self) -> None:
        self._inlet.policy()
        self._dead_letters.policy()

    def _queue(self, args: QueueArgs) -> aws.sqs.Queue:
        redrive_policy = {"deadLetterTargetArn": self._dead_letters.arn, "maxReceiveCount": args.max_receive_count}
        return aws.sqs.Queue(
            self.name,
            name=self._account.name("queue", self.name),
            visibility_timeout_seconds=_seconds(args.visibility_timeout),
            message_retention_seconds=_seconds(KEPT),
            receive_wait_time_seconds=_seconds(LONG_POLL),
            redrive_policy=pulumi.Output.json_dumps(redrive_policy),
            sqs_managed_sse_enabled=True,
            opts=self._child("queue"),
        )

    def _allow_redrive(self) -> None:
        """A resource of its own: the dead letters name the queue here, which names them in its redrive policy."""
        allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [self._inlet.arn]}
        aws.sqs.RedriveAllowPolicy(
            self.name,
            queue_url=self._dead_letters.queue.url,
            redrive_allow_policy=pulumi.Output.json_dumps(allowed),
            opts=self._child("redrive-allow-policy"),
        )

    def _attach(self, function: Function, *, max_concurrency: int) -> None:
        consumer = behind(function, Deployed)
        aws.lambda_.EventSourceMapping(
            self.name,
            event_source_arn=self._inlet.arn,
            function_name=consumer.alias.arn,
            batch_size=BATCH_SIZE,
            maximum_batching_window_in_seconds=self._batch_window(consumer),
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=aws.lambda_.EventSourceMappingScalingConfigArgs(maximum_concurrency=max_concurrency),
            # Lambda asks at once whether the function's role may read the queue.
            opts=self._child("event-source-mapping", pulumi.ResourceOptions(depends_on=[*consumer.role.policies])),
        )

    def _batch_window(self, consumer: Deployed) -> int:
        """Messages are hidden already while a batch is gathered."""
        left = self._visibility_timeout - timedelta(seconds=consumer.timeout_seconds)
        return _seconds(min(BATCH_WINDOW, left))


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())


def _alarm(name: str, physical_name: str) -> Alarm:
    return Alarm(
        about="queue-age-seconds",
        contract="queue",
        of=name,
        says=f"Messages wait over {BEHIND} in the queue {name}: its consumer fails, is throttled or cannot keep up.",
        metric=Metric(
            namespace="AWS/SQS",
            name="ApproximateAgeOfOldestMessage",
            dimensions={"QueueName": physical_name},
            statistic="Maximum",
        ),
        threshold=BEHIND.total_seconds(),
    )
