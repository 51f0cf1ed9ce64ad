"""Rules of AWS that its service models leave out, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.limit import Limit, misfits_of
from tests.sdk import Problem

DOCS = "docs.aws.amazon.com"
PROVIDER = "the schema of the provider"


def _name(longest: int, pattern: str, source: str) -> Limit:
    return Limit(lowest=1, highest=longest, pattern=pattern, source=f"{DOCS}/{source}")


RETENTION_DAYS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
_SQS = "AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"
_SNS = "sns/latest/api/API_Subscribe.html"

LIMITS: Mapping[str, Mapping[str, Limit]] = {
    "aws:lambda/function:Function": {
        "name": _name(64, r"[a-zA-Z0-9-_]+", "lambda/latest/api/API_CreateFunction.html"),
        "memorySize": Limit(lowest=128, highest=10_240, source=f"{DOCS}/lambda/latest/dg/gettingstarted-limits.html"),
        "timeout": Limit(lowest=1, highest=900, source=f"{DOCS}/lambda/latest/dg/gettingstarted-limits.html"),
        "reservedConcurrentExecutions": Limit(lowest=-1, source=PROVIDER),
    },
    "aws:sqs/queue:Queue": {
        "name": _name(80, r"[a-zA-Z0-9_-]{1,80}|[a-zA-Z0-9_-]{1,75}\.fifo", _SQS),
        "visibilityTimeoutSeconds": Limit(lowest=0, highest=43_200, source=f"{DOCS}/{_SQS}"),
        "messageRetentionSeconds": Limit(lowest=60, highest=1_209_600, source=f"{DOCS}/{_SQS}"),
        "receiveWaitTimeSeconds": Limit(lowest=0, highest=20, source=f"{DOCS}/{_SQS}"),
        "delaySeconds": Limit(lowest=0, highest=900, source=f"{DOCS}/{_SQS}"),
        "maxMessageSize": Limit(lowest=1024, highest=1_048_576, source=f"{DOCS}/{_SQS}"),
        "kmsDataKeyReusePeriodSeconds": Limit(lowest=60, highest=86_400, source=f"{DOCS}/{_SQS}"),
    },
    "aws:sns/topic:Topic": {
        "name": _name(256, r"[a-zA-Z0-9_-]{1,256}|[a-zA-Z0-9_-]{1,251}\.fifo", "sns/latest/api/API_CreateTopic.html"),
        "displayName": Limit(highest=100, source=f"{DOCS}/sns/latest/api/API_SetTopicAttributes.html"),
        "signatureVersion": Limit(allowed=(1, 2), source=PROVIDER),
        "tracingConfig": Limit(allowed=("Active", "PassThrough"), source=PROVIDER),
    },
    "aws:sns/topicSubscription:TopicSubscription": {
        "protocol": Limit(
            allowed=("sqs", "lambda", "http", "https", "email", "email-json", "sms", "firehose", "application"),
            source=f"{DOCS}/{_SNS}",
        ),
        "filterPolicyScope": Limit(allowed=("MessageAttributes", "MessageBody"), source=f"{DOCS}/{_SNS}"),
    },
    "aws:cloudwatch/logGroup:LogGroup": {
        "retentionInDays": Limit(
            allowed=(0, *RETENTION_DAYS), source=f"{DOCS}/AmazonCloudWatchLogs/latest/APIReference"
        ),
    },
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
        "treatMissingData": Limit(allowed=("missing", "ignore", "breaching", "notBreaching"), source=PROVIDER),
        "period": Limit(pattern=None, lowest=10, highest=86_400, source=f"{DOCS}/AmazonCloudWatch/latest/APIReference"),
    },
    "aws:cloudwatch/dashboard:Dashboard": {
        "dashboardName": _name(255, r"[A-Za-z0-9_-]+", "AmazonCloudWatch/latest/APIReference/API_PutDashboard.html"),
    },
    "aws:dynamodb/table:Table": {
        "name": _name(255, r"[a-zA-Z0-9_.-]{3,255}", "amazondynamodb/latest/APIReference/API_CreateTable.html"),
        "globalSecondaryIndexes.projectionType": Limit(allowed=("ALL", "KEYS_ONLY", "INCLUDE"), source=PROVIDER),
    },
    "aws:sfn/stateMachine:StateMachine": {
        "name": _name(80, r"[0-9A-Za-z_-]+", "step-functions/latest/apireference/API_CreateStateMachine.html"),
    },
    "aws:scheduler/schedule:Schedule": {
        "scheduleExpression": Limit(
            pattern=r"(rate\(\d+ (minute|hour|day)s?\)|cron\((\S+ ){5}\S+\)|at\(.+\))",
            source=f"{DOCS}/scheduler/latest/UserGuide/schedule-types.html",
        ),
    },
    "aws:secretsmanager/secret:Secret": {
        "name": _name(
            512, r"(?!.*-\w{6}$)[A-Za-z0-9/_+=.@-]+", "secretsmanager/latest/apireference/API_CreateSecret.html"
        ),
        "recoveryWindowInDays": Limit(allowed=(0, *range(7, 31)), source=PROVIDER),
    },
    "aws:s3/bucket:Bucket": {
        "bucket": _name(63, r"(?!xn--)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)", "AmazonS3/latest/userguide"),
    },
    "aws:apigateway/model:Model": {
        "name": _name(255, r"[A-Za-z0-9]+", "apigateway/latest/api/API_CreateModel.html"),
    },
    "aws:apigateway/integration:Integration": {
        "timeoutMilliseconds": Limit(
            lowest=50, highest=29_000, source=f"{DOCS}/apigateway/latest/developerguide/limits.html"
        ),
    },
    "aws:apigateway/method:Method": {
        "authorization": Limit(allowed=("NONE", "CUSTOM", "AWS_IAM", "COGNITO_USER_POOLS"), source=PROVIDER),
        "httpMethod": Limit(
            allowed=("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "ANY"), source=PROVIDER
        ),
    },
    "aws:apigateway/authorizer:Authorizer": {
        "authorizerResultTtlInSeconds": Limit(lowest=0, highest=3600, source=f"{DOCS}/apigateway/latest/api"),
    },
    "aws:apigateway/stage:Stage": {
        "stageName": _name(128, r"[A-Za-z0-9_-]+", "apigateway/latest/api/API_CreateStage.html"),
    },
    "aws:cognito/userPool:UserPool": {
        "schemas.name": Limit(lowest=1, highest=20, source=PROVIDER),
    },
    "aws:cognito/userPoolDomain:UserPoolDomain": {
        "domain": Limit(
            pattern=r"(?!.*(aws|amazon|cognito))[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?",
            source=f"{DOCS}/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html",
        ),
    },
    "aws:appautoscaling/target:Target": {
        "resourceId": Limit(
            pattern=r"function:[\w-]+:[\w-]+|table/[\w.-]+(/index/[\w.-]+)?",
            source=f"{DOCS}/autoscaling/application/APIReference/API_RegisterScalableTarget.html",
        ),
    },
}
"""By type and path without list indexes."""

NAMED: Mapping[str, str] = {
    "aws:apigateway/stage:Stage": "stageName",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:cloudwatch/eventTarget:EventTarget": "targetId",
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": "policyName",
    "aws:s3/bucket:Bucket": "bucket",
}
"""The input that is the physical name, where that is not `name`."""


def misfits(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    yield from misfits_of(LIMITS.get(type_token, {}), inputs)
