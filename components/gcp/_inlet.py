"""Queues as those see them that feed them: each makes a push subscription of its own on the topic that it feeds from.

Pub/Sub cannot forward from topic to topic, so what makes a queue here is what all its subscriptions have in common:
the consumer, how long it may take, how often it is tried, and the dead letters.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from components.gcp._account import ServiceAccount
from components.gcp._dead_letters import DeadLetters
from components.gcp._project import Project
from components.gcp._pubsub import never_expires
from components.gcp._service import Deployed
from components.group import Child
from components.queue import QueueArgs

CHILDREN = ("subscription", "subscription-agent")
"""What a component that feeds queues adds to its own."""
SUBSCRIBE = "roles/pubsub.subscriber"
KEPT = timedelta(days=7)
"""Shorter than dead letters are held: theirs counts from when they died."""
FIRST_RETRY, LAST_RETRY = timedelta(seconds=10), timedelta(minutes=10)
"""Pub/Sub's bounds. By default it delivers again at once, and uses up the attempts within a second."""


@dataclass(frozen=True, kw_only=True)
class Consumer:
    deployed: Deployed
    pusher: ServiceAccount
    """As whom Pub/Sub calls it."""
    granted: tuple[pulumi.Resource, ...]
    """What has to exist before the first call."""


@dataclass(frozen=True, kw_only=True)
class Inlet:
    project: Project
    args: QueueArgs
    dead_letters: DeadLetters
    consumer: Consumer
    subscriptions: list[str] = field(default_factory=list)
    """Their physical names."""

    def feed(self, name: str, *, physical: str, topic: gcp.pubsub.Topic, where: str, child: Child) -> None:
        """Push to the consumer what comes to the topic and passes the filter `where`.

        A filter cannot change. With another, the subscription is another, and its name has to be too: it is there, and
        takes what comes, before the old one goes, so at the worst a message is delivered by both.
        """
        physical_name = self.project.name("subscription", f"{physical}-{_digest(where)}" if where else physical)
        self.subscriptions.append(physical_name)
        subscription = gcp.pubsub.Subscription(
            name,
            project=self.project.id,
            name=physical_name,
            topic=topic.id,
            filter=where or None,
            push_config=self._push(),
            ack_deadline_seconds=int(self.args.visibility_timeout.total_seconds()),
            message_retention_duration=f"{int(KEPT.total_seconds())}s",
            retry_policy=gcp.pubsub.SubscriptionRetryPolicyArgs(
                minimum_backoff=f"{int(FIRST_RETRY.total_seconds())}s",
                maximum_backoff=f"{int(LAST_RETRY.total_seconds())}s",
            ),
            dead_letter_policy=gcp.pubsub.SubscriptionDeadLetterPolicyArgs(
                dead_letter_topic=self.dead_letters.topic.id, max_delivery_attempts=self.args.max_receive_count
            ),
            expiration_policy=never_expires(),
            deletion_policy="DELETE",
            opts=child("subscription", pulumi.ResourceOptions(depends_on=[*self.consumer.granted])),
        )
        # Pub/Sub moves a dead message by acknowledging it here, which it may not do by itself either.
        gcp.pubsub.SubscriptionIAMMember(
            name,
            project=self.project.id,
            subscription=subscription.name,
            role=SUBSCRIBE,
            member=self.project.agent("pubsub"),
            opts=child("subscription-agent"),
        )

    def _push(self) -> gcp.pubsub.SubscriptionPushConfigArgs:
        called = self.consumer.deployed
        return gcp.pubsub.SubscriptionPushConfigArgs(
            push_endpoint=called.url,
            oidc_token=gcp.pubsub.SubscriptionPushConfigOidcTokenArgs(
                service_account_email=self.consumer.pusher.email, audience=called.url
            ),
        )


def _digest(where: str) -> str:
    return hashlib.sha256(where.encode()).hexdigest()[:8]
