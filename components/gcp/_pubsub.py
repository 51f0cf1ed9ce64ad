"""Topics of Pub/Sub as every component makes them, and what a subscription may ask of a message."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pulumi
import pulumi_gcp as gcp

from components.errors import WiringError
from components.gcp._account import ServiceAccount
from components.gcp._project import Project

PUBLISH = "roles/pubsub.publisher"
ISSUE_TOKENS = "roles/iam.serviceAccountOpenIdTokenCreator"
HELD = timedelta(days=14)
LONGEST_FILTER = 256
"""Bytes; cloud.google.com/pubsub/docs/subscription-message-filter."""


def make_topic(
    name: str, *, project: Project, opts: pulumi.ResourceOptions, replayed_for: timedelta | None = None
) -> gcp.pubsub.Topic:
    """Its messages stay in the region; `replayed_for` keeps what was delivered already, so that it can be again."""
    return gcp.pubsub.Topic(
        name,
        project=project.id,
        name=project.name("topic", name),
        message_retention_duration=f"{int(replayed_for.total_seconds())}s" if replayed_for else None,
        message_storage_policy=gcp.pubsub.TopicMessageStoragePolicyArgs(allowed_persistence_regions=[project.region]),
        deletion_policy="DELETE",
        opts=pulumi.ResourceOptions.merge(project.ready("pubsub"), opts),
    )


def let_publish(
    name: str, account: ServiceAccount, *, topic: gcp.pubsub.Topic, opts: pulumi.ResourceOptions
) -> gcp.pubsub.TopicIAMMember:
    """`name` is whose topic it is."""
    return may_publish(f"{name}-{account.name}", topic=topic, member=account.member, project=account.project, opts=opts)


def may_publish(
    name: str, *, topic: gcp.pubsub.Topic, member: pulumi.Input[str], project: Project, opts: pulumi.ResourceOptions
) -> gcp.pubsub.TopicIAMMember:
    return gcp.pubsub.TopicIAMMember(name, project=project.id, topic=topic.name, role=PUBLISH, member=member, opts=opts)


def let_sign(account: ServiceAccount, *, opts: pulumi.ResourceOptions) -> gcp.serviceaccount.IAMMember:
    """Let Pub/Sub push as this account, be it for Eventarc.

    In a project whose Pub/Sub agent is from before April 2021 it has to be allowed to; in a newer one this says it
    again (cloud.google.com/pubsub/docs/authenticate-push-subscriptions; of triggers, /eventarc/docs/roles-permissions).
    """
    project = account.project
    return gcp.serviceaccount.IAMMember(
        account.name,
        service_account_id=account.id,
        role=ISSUE_TOKENS,
        member=project.agent("pubsub"),
        opts=pulumi.ResourceOptions.merge(project.ready("pubsub"), opts),
    )


def holding_subscription(
    name: str, *, topic: gcp.pubsub.Topic, project: Project, opts: pulumi.ResourceOptions
) -> gcp.pubsub.Subscription:
    """Keeps what comes to the topic for 14 days, for whoever fetches it: without one a topic forgets it at once."""
    return gcp.pubsub.Subscription(
        name,
        project=project.id,
        name=project.name("subscription", name),
        topic=topic.id,
        message_retention_duration=f"{int(HELD.total_seconds())}s",
        expiration_policy=never_expires(),
        deletion_policy=project.deletion_policy,
        opts=pulumi.ResourceOptions.merge(opts, project.protected),
    )


def never_expires() -> gcp.pubsub.SubscriptionExpirationPolicyArgs:
    """By default Pub/Sub deletes a subscription that was idle for 31 days; a seasonal shop may be idle longer."""
    return gcp.pubsub.SubscriptionExpirationPolicyArgs(ttl="")


def attribute_filter(where: Mapping[str, Sequence[str]]) -> str:
    """What has, for each attribute, one of its values; nothing asked is the empty filter. WiringError if too long."""
    alternatives = [
        [f"attributes.{name} = {json.dumps(value)}" for value in values] for name, values in sorted(where.items())
    ]
    parts = [" OR ".join(each) for each in alternatives]
    # AND and OR may not stand side by side without brackets.
    text = parts[0] if len(parts) == 1 else " AND ".join(f"({part})" for part in parts)
    if len(text.encode()) > LONGEST_FILTER:
        raise WiringError(
            f"a filter has at most {LONGEST_FILTER} bytes on Google Cloud, and this one {len(text.encode())}: {text}; "
            "ask for fewer values, or give them an attribute of their own"
        )
    return text
