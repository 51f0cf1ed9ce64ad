"""The ceiling over every role: whatever a grant says by mistake, none deletes or opens what the system consists of."""

from __future__ import annotations

import pulumi

from components.aws._policy import document

ADMINISTRATION = ("iam:*", "organizations:*", "account:*")
DENIED = (
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DeleteTable",
    "dynamodb:PartiQLDelete",
    "dynamodb:PutResourcePolicy",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "events:DeleteArchive",
    "events:DeleteEventBus",
    "events:PutPermission",
    "kms:CreateGrant",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "lambda:AddPermission",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "logs:DeleteLogGroup",
    "s3:DeleteBucket",
    "s3:DeleteBucketPolicy",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutLifecycleConfiguration",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "sns:AddPermission",
    "sns:DeleteTopic",
    "sns:SetTopicAttributes",
    "sqs:AddPermission",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
    "sqs:SetQueueAttributes",
    "states:DeleteStateMachine",
    "states:UpdateStateMachine",
)
"""What destroys what keeps data, or opens it to others."""


def boundary_document() -> pulumi.Output[str]:
    """A boundary grants nothing, so it can let through whatever is granted but administration and the denials."""
    return document(
        {"Sid": "WhateverIsGranted", "Effect": "Allow", "NotAction": list(ADMINISTRATION), "Resource": "*"},
        {"Sid": "ButNeverThis", "Effect": "Deny", "Action": list(DENIED), "Resource": "*"},
    )
