"""Queues as those see them that feed them: each is let in by name, and together they are the queue's one policy."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components import queue
from components.aws._account import Account
from components.aws._policy import Statement, document, tls_only
from components.errors import WiringError


@dataclass(frozen=True, kw_only=True)
class Inlet:
    """SQS keeps one policy for each queue, the last that was written: so `policy` is made once, when all are known."""

    queue: aws.sqs.Queue
    account: Account
    let_in: list[Statement] = field(default_factory=list)

    @property
    def arn(self) -> pulumi.Output[str]:
        return self.queue.arn

    def accept_from(self, service: str, source_arn: pulumi.Input[str]) -> None:
        """Let a service send to the queue for this one resource of ours."""
        self.let_in.append(
            Statement(
                actions=("sqs:SendMessage",),
                on=(self.queue.arn,),
                principal={"Service": service},
                where={"ArnEquals": {"aws:SourceArn": source_arn}},  # The ARN has the account in it.
            )
        )

    def policy(self, name: str, opts: pulumi.ResourceOptions) -> aws.sqs.QueuePolicy:
        return aws.sqs.QueuePolicy(
            name,
            queue_url=self.queue.url,
            policy=document(tls_only("sqs:*", on=(self.queue.arn,)), *self.let_in),
            opts=opts,
        )


def inlet_of(fed: queue.Queue) -> Inlet:
    found = getattr(fed, "_inlet", None)
    if not isinstance(found, Inlet):
        raise WiringError(f"queue {fed.name} is not on AWS; make both from components.aws")
    return found
