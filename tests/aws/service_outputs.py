"""What AWS computes of each resource that is no part of an API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.aws.templates import arn
from tests.templates import Shape, constant

INVOKE_PATH = "arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/"


def _stream_arn(known: Mapping[str, Any]) -> str:
    return f"{known['arn']}/stream/2026-01-01T00:00:00.000" if known.get("streamEnabled") else ""


def _rule_path(known: Mapping[str, Any]) -> str:
    """The default bus is not named in a rule's ARN."""
    bus = str(known.get("eventBusName", "default")).rpartition("/")[2]
    return str(known["name"]) if bus == "default" else f"{bus}/{known['name']}"


def _rule_arn(known: Mapping[str, Any]) -> str:
    return f"arn:aws:events:{known['region']}:{known['account']}:rule/{_rule_path(known)}"


def _role_arn(known: Mapping[str, Any]) -> str:
    return f"arn:aws:iam::{known['account']}:role{known.get('path', '/')}{known['name']}"


def _queue_attribute(name: str, default: object) -> Any:  # noqa: ANN401 a template
    return lambda known: known.get(name, default)


def _version(known: Mapping[str, Any]) -> str:
    return str(known.get("version", "1")) if known.get("publish") else "$LATEST"


SERVICE_OUTPUTS: Mapping[str, Shape] = {
    "aws:lambda/function:Function": {
        "id": "{name}",
        "arn": arn("lambda", "function:{name}"),
        "version": _version,
        "invokeArn": f"{INVOKE_PATH}{{arn}}/invocations",
        "qualifiedArn": "{arn}:{version}",
        "qualifiedInvokeArn": f"{INVOKE_PATH}{{qualifiedArn}}/invocations",
        "lastModified": "{created}",
        "sourceCodeSize": constant(1024),
    },
    "aws:lambda/alias:Alias": {
        "arn": arn("lambda", "function:{functionName!n}:{name}"),
        "id": "{arn}",
        "invokeArn": f"{INVOKE_PATH}{{arn}}/invocations",
    },
    "aws:lambda/eventSourceMapping:EventSourceMapping": {
        "id": "{uuid}",
        "uuid": "{uuid}",
        "arn": arn("lambda", "event-source-mapping:{uuid}"),
        "functionArn": "{functionName}",
        "state": "Enabled",
        "stateTransitionReason": "USER_INITIATED",
        "lastModified": "{created}",
        "lastProcessingResult": "",
    },
    "aws:lambda/permission:Permission": {
        "statementId": lambda known: known.get("statementId") or f"terraform-{known['digest'][:26]}",
        "id": "{statementId}",
    },
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": {"id": "{functionName!n}:{qualifier}"},
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {"id": "{functionName!n},{qualifier}"},
    "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": {"id": "{functionName!n}"},
    "aws:lambda/runtimeManagementConfig:RuntimeManagementConfig": {"id": "{functionName!n}", "functionArn": ""},
    "aws:appautoscaling/target:Target": {
        "id": "{serviceNamespace}/{resourceId}/{scalableDimension}",
        "arn": arn("application-autoscaling", "scalable-target/{digest:.22}"),
    },
    "aws:appautoscaling/policy:Policy": {
        "id": "{name}",
        "arn": arn("autoscaling", "scalingPolicy:{uuid}:resource/{serviceNamespace}/{resourceId}:policyName/{name}"),
        "alarmArns": constant([]),
    },
    "aws:iam/role:Role": {
        "id": "{name}",
        "arn": _role_arn,
        "uniqueId": lambda known: f"AROA{known['digest'][:16].upper()}",
        "createDate": "{created}",
    },
    "aws:iam/rolePolicy:RolePolicy": {"id": "{role}:{name}"},
    "aws:iam/policy:Policy": {
        "arn": "arn:aws:iam::{account}:policy/{name}",
        "id": "{arn}",
        "policyId": lambda known: f"ANPA{known['digest'][:16].upper()}",
        "attachmentCount": constant(0),
    },
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"id": "{role}-{digest:.12}"},
    "aws:sqs/queue:Queue": {
        "url": "https://sqs.{region}.amazonaws.com/{account}/{name}",
        "id": "{url}",
        "arn": arn("sqs", "{name}"),
        "visibilityTimeoutSeconds": _queue_attribute("visibilityTimeoutSeconds", 30),
        "messageRetentionSeconds": _queue_attribute("messageRetentionSeconds", 345_600),
    },
    "aws:sqs/queuePolicy:QueuePolicy": {"id": "{queueUrl}"},
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": {"id": "{queueUrl}"},
    "aws:sns/topic:Topic": {"arn": arn("sns", "{name}"), "id": "{arn}", "owner": "{account}"},
    "aws:sns/topicPolicy:TopicPolicy": {"id": "{arn}", "owner": "{account}"},
    "aws:sns/topicSubscription:TopicSubscription": {
        "arn": "{topic}:{uuid}",
        "id": "{arn}",
        "ownerId": "{account}",
        "confirmationWasAuthenticated": constant(True),
        "pendingConfirmation": constant(False),
    },
    "aws:cloudwatch/eventBus:EventBus": {"id": "{name}", "arn": arn("events", "event-bus/{name}")},
    "aws:cloudwatch/eventArchive:EventArchive": {"id": "{name}", "arn": arn("events", "archive/{name}")},
    "aws:cloudwatch/eventRule:EventRule": {"id": _rule_path, "arn": _rule_arn},
    "aws:cloudwatch/eventTarget:EventTarget": {"id": "{eventBusName!n}-{rule!n}-{targetId}"},
    "aws:cloudwatch/eventConnection:EventConnection": {
        "id": "{name}",
        "arn": arn("events", "connection/{name}/{uuid}"),
        "secretArn": arn("secretsmanager", "secret:events!connection/{name}/{uuid}-{digest:.6}"),
    },
    "aws:cloudwatch/eventApiDestination:EventApiDestination": {
        "id": "{name}",
        "arn": arn("events", "api-destination/{name}/{uuid}"),
    },
    "aws:cloudwatch/logGroup:LogGroup": {"id": "{name}", "arn": arn("logs", "log-group:{name}")},
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {"id": "{policyName}", "revisionId": "{digest:.16}"},
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"id": "{name}"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"id": "{name}", "arn": arn("cloudwatch", "alarm:{name}")},
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": {
        "id": "{alarmName}",
        "arn": arn("cloudwatch", "alarm:{alarmName}"),
    },
    "aws:cloudwatch/dashboard:Dashboard": {
        "id": "{dashboardName}",
        "dashboardArn": "arn:aws:cloudwatch::{account}:dashboard/{dashboardName}",
    },
    "aws:dynamodb/table:Table": {
        "id": "{name}",
        "arn": arn("dynamodb", "table/{name}"),
        "streamArn": _stream_arn,
        "streamLabel": lambda known: known["streamArn"].rpartition("/")[2],
    },
    "aws:sfn/stateMachine:StateMachine": {
        "arn": arn("states", "stateMachine:{name}"),
        "id": "{arn}",
        "creationDate": "{created}",
        "revisionId": "{uuid}",
        "stateMachineVersionArn": lambda known: f"{known['arn']}:1" if known.get("publish") else known["arn"],
        "status": "ACTIVE",
    },
    "aws:scheduler/scheduleGroup:ScheduleGroup": {
        "id": "{name}",
        "arn": arn("scheduler", "schedule-group/{name}"),
        "creationDate": "{created}",
        "lastModificationDate": "{created}",
        "state": "ACTIVE",
    },
    "aws:scheduler/schedule:Schedule": {
        "id": "{groupName}/{name}",
        "arn": arn("scheduler", "schedule/{groupName}/{name}"),
    },
    "aws:secretsmanager/secret:Secret": {"arn": arn("secretsmanager", "secret:{name}-{digest:.6}"), "id": "{arn}"},
    "aws:secretsmanager/secretPolicy:SecretPolicy": {"id": "{secretArn}"},
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "versionId": "{uuid}",
        "id": "{secretId}|{versionId}",
        "arn": "{secretId}",
    },
    "aws:kms/key:Key": {"id": "{uuid}", "keyId": "{uuid}", "arn": arn("kms", "key/{uuid}")},
    "aws:kms/alias:Alias": {
        "id": "{name}",
        "arn": arn("kms", "{name}"),
        "targetKeyArn": arn("kms", "key/{targetKeyId!n}"),
    },
    "aws:s3/bucket:Bucket": {
        "id": "{bucket}",
        "arn": "arn:aws:s3:::{bucket}",
        "bucketDomainName": "{bucket}.s3.amazonaws.com",
        "bucketRegionalDomainName": "{bucket}.s3.{region}.amazonaws.com",
        "hostedZoneId": "Z21DNDUVLTQW6Q",
    },
    **{
        f"aws:s3/{kind[0].lower()}{kind[1:]}:{kind}": {"id": "{bucket}"}
        for kind in (
            "BucketLifecycleConfiguration",
            "BucketLogging",
            "BucketNotification",
            "BucketOwnershipControls",
            "BucketPolicy",
            "BucketPublicAccessBlock",
            "BucketServerSideEncryptionConfiguration",
            "BucketVersioning",
        )
    },
}
