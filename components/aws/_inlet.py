"""Queues as those see them that feed them: each is let in by name, and together they are the queue's one policy."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws._policy import Statement, document, tls_only
from components.errors import WiringError


class Inlet:
    """First `accept_from` for everybody, then `policy`: SQS keeps one for each queue, the last that was written."""

    def __init__(self, name: str, *, queue: aws.sqs.Queue, opts: pulumi.ResourceOptions) -> None:
        """`name` and `opts` are the policy's."""
        self.queue = queue
        self._name, self._opts = name, opts
        self._let_in: list[Statement] = []
        self._policy: aws.sqs.QueuePolicy | None = None

    @property
    def arn(self) -> pulumi.Output[str]:
        return self.queue.arn

    def accept_from(self, service: str, source_arn: pulumi.Input[str]) -> None:
        """Let a service send to the queue for this one resource of ours. WiringError once the policy is made."""
        if self._policy:
            raise WiringError(f"queue {self._name}: its policy is made, so nobody else is let in; feed it before that")
        self._let_in.append(
            Statement(
                actions=("sqs:SendMessage",),
                on=(self.queue.arn,),
                principal={"Service": service},
                where={"ArnEquals": {"aws:SourceArn": source_arn}},  # The ARN has the account in it.
            )
        )

    def policy(self) -> aws.sqs.QueuePolicy:
        """Made when it is first asked for. Who feeds the queue waits for it: what comes sooner is turned away."""
        self._policy = self._policy or aws.sqs.QueuePolicy(
            self._name,
            queue_url=self.queue.url,
            policy=document(tls_only("sqs:*", on=(self.queue.arn,)), *self._let_in),
            opts=self._opts,
        )
        return self._policy
