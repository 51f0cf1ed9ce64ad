"""The ceiling over every role: whatever a grant says by mistake, data cannot be deleted and rights not extended."""

from __future__ import annotations

import pulumi

from components.aws._policy import document

ADMINISTRATION = ("iam:*", "organizations:*", "account:*")
DENIED = (
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteTable",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "events:DeleteEventBus",
    "kms:ScheduleKeyDeletion",
    "logs:DeleteLogGroup",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketPolicy",
    "secretsmanager:DeleteSecret",
    "sns:DeleteTopic",
    "sqs:DeleteQueue",
    "states:DeleteStateMachine",
)
"""What destroys what keeps data, or opens it to others."""


def boundary_document() -> pulumi.Output[str]:
    """A boundary grants nothing, so it can let through whatever is granted but administration and the denials."""
    return document(
        {"Sid": "WhateverIsGranted", "Effect": "Allow", "NotAction": list(ADMINISTRATION), "Resource": "*"},
        {"Sid": "ButNeverThis", "Effect": "Deny", "Action": list(DENIED), "Resource": "*"},
    )
