"""SQS, SNS, EventBridge and EventBridge Scheduler."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from tests.e2e.aws.cloud.making import Maker, Making, sent

WEBHOOK = "ORDERLY_MINISTACK_WEBHOOK"
QUEUE_ATTRIBUTES = {
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "redrivePolicy": "RedrivePolicy",
    "sqsManagedSseEnabled": "SqsManagedSseEnabled",
}
TOPIC_ATTRIBUTES = {"signatureVersion": "SignatureVersion", "kmsMasterKeyId": "KmsMasterKeyId"}
SUBSCRIPTION_ATTRIBUTES = {
    "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope",
    "rawMessageDelivery": "RawMessageDelivery",
    "redrivePolicy": "RedrivePolicy",
}
"""By input, the attribute that it becomes; here AWS takes nothing but text."""


def _attributes(making: Making, named: Mapping[str, str]) -> dict[str, str]:
    given = {name: making.inputs[name] for name in named if name in making.inputs}
    return {named[name]: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def _queue(making: Making) -> Mapping[str, Any]:
    """Its address is ministack's own, which is what functions are told."""
    made = making.send(Attributes=_attributes(making, QUEUE_ATTRIBUTES))
    return {"id": made["QueueUrl"], "url": made["QueueUrl"]}


def _queue_policy(making: Making) -> Mapping[str, Any]:
    making.send(Attributes={"Policy": making.inputs["policy"]})
    return {}


def _redrive_allow_policy(making: Making) -> Mapping[str, Any]:
    making.send(Attributes={"RedriveAllowPolicy": making.inputs["redriveAllowPolicy"]})
    return {}


def _topic(making: Making) -> Mapping[str, Any]:
    making.send(Attributes=_attributes(making, TOPIC_ATTRIBUTES))
    return {}


def _topic_policy(making: Making) -> Mapping[str, Any]:
    making.send(AttributeName="Policy", AttributeValue=making.inputs["policy"])
    return {}


def _subscription(making: Making) -> Mapping[str, Any]:
    made = making.send(Attributes=_attributes(making, SUBSCRIPTION_ATTRIBUTES), ReturnSubscriptionArn=True)
    return {"id": made["SubscriptionArn"], "arn": made["SubscriptionArn"]}


def _target(making: Making) -> Mapping[str, Any]:
    http = making.inputs.get("httpTarget", {}).get("headerParameters")
    headers = {"HttpParameters": {"HeaderParameters": http}} if http else {}
    answer = making.send(Targets=[making.parameters(1, **headers)])
    assert not answer["FailedEntryCount"], answer
    return {}


def _api_destination(making: Making) -> Mapping[str, Any]:
    """It posts to this machine instead, without the TLS that the configuration insists on.

    AWS ends a connection's ARN with an identifier, ministack with the name.
    """
    connection = making.inputs["connectionArn"].rpartition("/")[0]
    made = making.send(InvocationEndpoint=os.environ[WEBHOOK], ConnectionArn=connection)
    return {"arn": made["ApiDestinationArn"]}


MAKERS: Mapping[str, Maker] = {
    "aws:sqs/queue:Queue": _queue,
    "aws:sqs/queuePolicy:QueuePolicy": _queue_policy,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": _redrive_allow_policy,
    "aws:sns/topic:Topic": _topic,
    "aws:sns/topicPolicy:TopicPolicy": _topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": _subscription,
    "aws:cloudwatch/eventBus:EventBus": sent,
    "aws:cloudwatch/eventArchive:EventArchive": sent,
    "aws:cloudwatch/eventRule:EventRule": sent,
    "aws:cloudwatch/eventTarget:EventTarget": _target,
    "aws:cloudwatch/eventConnection:EventConnection": sent,
    "aws:cloudwatch/eventApiDestination:EventApiDestination": _api_destination,
    "aws:scheduler/scheduleGroup:ScheduleGroup": sent,
    "aws:scheduler/schedule:Schedule": sent,
}
