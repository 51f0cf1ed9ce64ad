"""Keys that a service may not use, so that what is encrypted with them never receives anything."""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws.conditions import Told
from tests.aws.landscape import OVER_TLS, Landscape, account_of, told_of
from tests.graph import Resource

EVENTS, TOPICS, ALARMS = "events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com"
TO_WRITE = ("kms:Decrypt", "kms:GenerateDataKey")
AMAZONS_OWN = "alias/aws/"
NAMED_TO_KMS = {"sqs.Queue": "aws:sqs:arn", "sns.Topic": "aws:sns:topicArn", "cloudwatch.LogGroup": "aws:logs:arn"}
"""By what is encrypted, the part of the encryption context that has its ARN."""


def key_that_a_sender_cannot_use(land: Landscape) -> Iterator[str]:
    """Amazon's own keys let no other service in, and ours only those that their policy names."""
    for receiver, service, source in _sent(land):
        key_id = str(receiver.inputs.get("kmsMasterKeyId", ""))
        if not key_id:
            continue
        if key_id.startswith(AMAZONS_OWN):
            yield f"{receiver.kind} {receiver.name}: {key_id} does not let {service} in; use a key of our own"
        else:
            told = {**_of_whom(service, source), **_through(receiver)}
            yield from _of_own_key(land, receiver, key_id, service, TO_WRITE, told)


def key_that_a_rules_role_cannot_use(land: Landscape) -> Iterator[str]:
    """A rule that delivers in a role encrypts in it too."""
    for target in land.of("cloudwatch.EventTarget"):
        role, receiver = land.at(target.inputs.get("roleArn")), land.at(target.inputs["arn"])
        key = _key(land, str(receiver.inputs.get("kmsMasterKeyId", ""))) if receiver else None
        if role is None or receiver is None or key is None:
            continue
        for action in TO_WRITE:
            if not land.allowed(role, action, key.state["arn"], {**OVER_TLS, **_through(receiver)}):
                yield f"{target.name}: its role {role.name} may not {action} with the receiver's key {key.name}"


def key_that_logs_cannot_use(land: Landscape) -> Iterator[str]:
    for group in land.of("cloudwatch.LogGroup"):
        if key_id := group.inputs.get("kmsKeyId"):
            service, actions = f"logs.{_region(group)}.amazonaws.com", ("kms:Encrypt", *TO_WRITE)
            yield from _of_own_key(land, group, key_id, service, actions, {**OVER_TLS, **_context(group)})


def two_ways_to_encrypt_a_queue(land: Landscape) -> Iterator[str]:
    for queue in land.of("sqs.Queue"):
        if queue.inputs.get("kmsMasterKeyId") and queue.inputs.get("sqsManagedSseEnabled"):
            yield f"{queue.name} has a key and SQS's own encryption, which exclude each other"


def _of_own_key(
    land: Landscape, receiver: Resource, key_id: str, service: str, actions: tuple[str, ...], told: Told
) -> Iterator[str]:
    key = _key(land, key_id)
    if key is None:
        yield f"{receiver.kind} {receiver.name}: its key {key_id} is not here"
        return
    for action in actions:
        if not land.let_in_by(service, action, key, told):
            yield f"{receiver.kind} {receiver.name}: key {key.name} does not let {service} {action}"


def _of_whom(service: str, source: str) -> Told:
    """What KMS is told of whom a service acts for: all by SNS, the account by alarms, nothing by EventBridge."""
    if service == TOPICS:
        return told_of(source)
    return {**OVER_TLS, "aws:SourceAccount": account_of(source)} if service == ALARMS else OVER_TLS


def _through(receiver: Resource) -> Told:
    """The receiver's service asks for the key, on behalf of whoever sends."""
    service = receiver.kind.partition(".")[0]
    return {"kms:ViaService": f"{service}.{_region(receiver)}.amazonaws.com", **_context(receiver)}


def _context(encrypted: Resource) -> Told:
    return {f"kms:EncryptionContext:{NAMED_TO_KMS[encrypted.kind]}": encrypted.state["arn"]}


def _region(resource: Resource) -> str:
    return str(resource.state["arn"]).split(":")[3]


def _key(land: Landscape, reference: str) -> Resource | None:
    """By its identifier, its ARN or an alias."""
    found = land.at(reference)
    if found is not None and found.kind == "kms.Alias":
        return land.at(found.inputs["targetKeyId"])
    return found


def _sent(land: Landscape) -> Iterator[tuple[Resource, str, str]]:
    """To which queue and topic which service sends, and in whose name."""
    for arn, service, source in dict.fromkeys(_sendings(land)):
        receiver = land.at(arn)
        if receiver is not None and receiver.kind in {"sqs.Queue", "sns.Topic"}:
            yield receiver, service, source


def _sendings(land: Landscape) -> Iterator[tuple[str, str, str]]:
    for subscription in land.of("sns.TopicSubscription"):
        yield subscription.inputs["endpoint"], TOPICS, subscription.inputs["topic"]
    for target in land.of("cloudwatch.EventTarget"):
        rule = land.rule_of(target)
        source = rule.state["arn"] if rule else target.inputs["arn"]
        if "roleArn" not in target.inputs:
            yield target.inputs["arn"], EVENTS, source
        if "deadLetterConfig" in target.inputs:
            yield target.inputs["deadLetterConfig"]["arn"], EVENTS, source
    for alarm in land.of("cloudwatch.MetricAlarm", "cloudwatch.CompositeAlarm"):
        for action in (*alarm.inputs.get("alarmActions", ()), *alarm.inputs.get("okActions", ())):
            yield action, ALARMS, alarm.state["arn"]


RULES = (
    key_that_a_sender_cannot_use,
    key_that_a_rules_role_cannot_use,
    key_that_logs_cannot_use,
    two_ways_to_encrypt_a_queue,
)
