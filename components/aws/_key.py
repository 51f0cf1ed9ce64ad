"""The key that topics are encrypted with: nobody but SNS's owner can let other services use SNS's own (`aws/sns`).

One for the system, at a dollar a month: SNS asks for a data key every five minutes, whatever is published.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._policy import Conditions, Statement, document, from_account
from components.group import Child

CHILDREN = ("key", "key-alias")
USE = ("kms:Decrypt", "kms:GenerateDataKey")
"""What whoever publishes to an encrypted topic needs, whether a role or a service."""
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
"""What a deployment does to it. The rest, an account's administrators can allow themselves by the key's policy."""
DELETED_AFTER_DAYS = 7
"""KMS's shortest: no message stays in a topic, so nothing is lost with its key."""


def topic_key(name: str, *, region: str, account_id: pulumi.Output[str], child: Child) -> aws.kms.Key:
    key = aws.kms.Key(
        f"{name}-topics",
        description="Encrypts what the topics of this order system keep.",
        enable_key_rotation=True,
        deletion_window_in_days=DELETED_AFTER_DAYS,
        policy=_policy(region, account_id),
        opts=child("key"),
    )
    alias = Account.name("key_alias", f"{name}-topics")
    aws.kms.Alias(f"{name}-topics", name=f"alias/{alias}", target_key_id=key.key_id, opts=child("key-alias"))
    return key


def through_topics(region: str) -> Conditions:
    """The condition by which a role uses the key for what SNS asks of it, and for nothing else."""
    return {"StringEquals": {"kms:ViaService": f"sns.{region}.amazonaws.com"}}


def _policy(region: str, account_id: pulumi.Output[str]) -> pulumi.Output[str]:
    """Alarms publish as their service. Rules do as a role: EventBridge does not say to KMS for whom it acts."""
    topics = pulumi.Output.concat(f"arn:aws:sns:{region}:", account_id, ":*")
    return document(
        Statement(
            actions=(*ADMINISTRATION, *USE),
            on=("*",),  # In a key's policy that is the key.
            principal={"AWS": pulumi.Output.concat("arn:aws:iam::", account_id, ":root")},
        ),
        Statement(
            actions=USE,
            on=("*",),
            principal={"Service": "cloudwatch.amazonaws.com"},
            where={**from_account(account_id), "StringLike": {"kms:EncryptionContext:aws:sns:topicArn": topics}},
        ),
    )
