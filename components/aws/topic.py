"""SNS, encrypted with the system's key, to queues of SQS: each gets the message itself, with nothing wrapped round it.

A filter looks into the message's body, because what EventBridge passes on has no attributes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components import topic
from components.aws import _dead_letters
from components.aws._account import Account
from components.aws._dead_letters import DeadLetters
from components.aws._inlet import Inlet
from components.aws._key import USE, through_topics
from components.aws._policy import document, tls_only
from components.aws._role import Role
from components.behind import behind
from components.errors import WiringError
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from components.queue import Queue
from components.topic import Filter, TopicArgs
from functions.environment import Variable

PUBLISH = ("sns:Publish",)
FIELDS: Mapping[str, str] = {"event_type": "type", "tenant": "tenant", "currency": "currency"}
"""By attribute the text in the body that it is made of; `tier` and `total_minor` are no text there."""


class Topic(topic.Topic):
    CHILDREN = ("topic", "topic-policy", "subscription", *_dead_letters.CHILDREN)

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
        self._account = behind(foundation, Account)
        self._dead_letters = DeadLetters(name, account=self._account, child=self._child, contract="topic")
        self._behind = made = self._topic()
        self._arn = made.arn
        self._dead_letters.accept_from("sns.amazonaws.com", self._arn)
        self._refuse_plain_text()
        self._subscribed: list[tuple[Queue, Filter]] = []
        self.variables = {Variable.TOPIC: self._arn}
        self.register_outputs({})

    def grant_publish(self, identity: Identity) -> Grant:
        role = behind(identity, Role)
        carried_by = (
            *role.allow(*PUBLISH, on=(self._arn,)),
            *role.allow(*USE, on=(self._account.key.arn,), where=through_topics(self._account.region)),
        )
        return Grant(verb=Verb.PUBLISH, resource=f"topic/{self.name}", carried_by=carried_by)

    def finish(self) -> None:
        for queue, where in self._subscribed:
            self._subscription(queue, where)
        self._dead_letters.policy()

    def _topic(self) -> aws.sns.Topic:
        return aws.sns.Topic(
            self.name,
            name=self._account.name("topic", self.name),
            kms_master_key_id=self._account.key.arn,
            signature_version=2,
            opts=self._child("topic"),
        )

    def _refuse_plain_text(self) -> None:
        """Nobody is let in here: who publishes is a role of this account, and has it from a grant."""
        aws.sns.TopicPolicy(
            self.name,
            arn=self._arn,
            policy=document(tls_only(*PUBLISH, on=(self._arn,))),
            opts=self._child("topic-policy"),
        )

    def _subscribe(self, queue: Queue, *, where: Filter) -> None:
        for attribute in where.keys() - FIELDS.keys():
            raise WiringError(
                f"topic {self.name}: a message's body has no text for {attribute}; filter by {', '.join(FIELDS)}"
            )
        behind(queue, Inlet).accept_from("sns.amazonaws.com", self._arn)
        self._subscribed.append((queue, where))

    def _subscription(self, queue: Queue, where: Filter) -> None:
        inlet = behind(queue, Inlet)
        filter_policy = {FIELDS[attribute]: list(values) for attribute, values in where.items()}
        aws.sns.TopicSubscription(
            f"{self.name}-{queue.name}",
            topic=self._arn,
            protocol="sqs",
            endpoint=inlet.arn,
            raw_message_delivery=True,
            filter_policy=json.dumps(filter_policy) if where else None,
            filter_policy_scope="MessageBody" if where else None,
            redrive_policy=pulumi.Output.json_dumps({"deadLetterTargetArn": self._dead_letters.arn}),
            # What a queue's policy refuses, SNS does not try a second time.
            opts=self._child(
                "subscription", pulumi.ResourceOptions(depends_on=[inlet.policy(), self._dead_letters.policy()])
            ),
        )
