"""A queue for what could not be delivered: kept 14 days, watched, consumed by nobody; only its source sends to it."""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._alarms import Alarm, Metric
from components.aws._inlet import Inlet
from components.group import Child

CHILDREN = ("dead-letters", "dead-letters-policy")
"""What a component that has dead letters adds to its own."""
KEPT = timedelta(days=14)
"""SQS's longest, so that they outlive what they came from."""
SEND = ("sqs:SendMessage",)


class DeadLetters:
    """First `accept_from` for everybody, then `policy`."""

    def __init__(self, name: str, *, account: Account, child: Child, contract: str) -> None:
        """`name` is that of the component whose dead letters they are, `contract` what it is an instance of."""
        self.physical_name = account.name("queue", f"{name}-dead-letters")
        self.queue = aws.sqs.Queue(
            f"{name}-dead-letters",
            name=self.physical_name,
            message_retention_seconds=int(KEPT.total_seconds()),
            sqs_managed_sse_enabled=True,
            opts=child("dead-letters"),
        )
        self._inlet = Inlet(f"{name}-dead-letters", queue=self.queue, opts=child("dead-letters-policy"))
        account.watch(_alarm(name, self.physical_name, contract))

    @property
    def arn(self) -> pulumi.Output[str]:
        return self.queue.arn

    def accept_from(self, service: str, source_arn: pulumi.Input[str]) -> None:
        """Let a service put there what it could not deliver for this one resource."""
        self._inlet.accept_from(service, source_arn)

    def policy(self) -> aws.sqs.QueuePolicy:
        """What has to be there before anything can be put here; nobody is let in after it."""
        return self._inlet.policy()


def _alarm(name: str, queue: str, contract: str) -> Alarm:
    return Alarm(
        about="dead-letters",
        contract=contract,
        of=name,
        says=f"Something meant for {name} was given up on and waits among its dead letters.",
        metric=Metric(
            namespace="AWS/SQS",
            name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": queue},
            statistic="Maximum",
        ),
        threshold=0,
    )
