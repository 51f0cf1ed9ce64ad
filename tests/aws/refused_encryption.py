"""Keys that a service may not use, so that what is encrypted with them never receives anything."""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws.landscape import Landscape
from tests.graph import Resource

EVENTS, TOPICS, ALARMS = "events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com"
TO_WRITE = ("kms:Decrypt", "kms:GenerateDataKey")
AMAZONS_OWN = "alias/aws/"


def key_that_a_sender_cannot_use(land: Landscape) -> Iterator[str]:
    """Amazon's own keys let no other service in, and ours only those that their policy names."""
    for receiver, service in _sent(land):
        key_id = str(receiver.inputs.get("kmsMasterKeyId", ""))
        if not key_id:
            continue
        if key_id.startswith(AMAZONS_OWN):
            yield f"{receiver.kind} {receiver.name}: {key_id} does not let {service} in; use a key of our own"
        else:
            yield from _of_own_key(land, receiver, key_id, service, TO_WRITE)


def key_that_a_rules_role_cannot_use(land: Landscape) -> Iterator[str]:
    """A rule that delivers in a role encrypts in it too."""
    for target in land.of("cloudwatch.EventTarget"):
        role, receiver = land.at(target.inputs.get("roleArn")), land.at(target.inputs["arn"])
        key = _key(land, str(receiver.inputs.get("kmsMasterKeyId", ""))) if receiver else None
        if role is None or key is None:
            continue
        for action in TO_WRITE:
            if not land.allowed(role, action, key.state["arn"]):
                yield f"{target.name}: its role {role.name} may not {action} with the receiver's key {key.name}"


def key_that_logs_cannot_use(land: Landscape) -> Iterator[str]:
    for group in land.of("cloudwatch.LogGroup"):
        if key_id := group.inputs.get("kmsKeyId"):
            region = group.state["arn"].split(":")[3]
            yield from _of_own_key(land, group, key_id, f"logs.{region}.amazonaws.com", ("kms:Encrypt", *TO_WRITE))


def two_ways_to_encrypt_a_queue(land: Landscape) -> Iterator[str]:
    for queue in land.of("sqs.Queue"):
        if queue.inputs.get("kmsMasterKeyId") and queue.inputs.get("sqsManagedSseEnabled"):
            yield f"{queue.name} has a key and SQS's own encryption, which exclude each other"


def _of_own_key(
    land: Landscape, receiver: Resource, key_id: str, service: str, actions: tuple[str, ...]
) -> Iterator[str]:
    key = _key(land, key_id)
    if key is None:
        yield f"{receiver.kind} {receiver.name}: its key {key_id} is not here"
        return
    own = [found for found in land.statements if found.owner is key]
    for action in actions:
        if not any(found.allows(action) and service in found.services for found in own):
            yield f"{receiver.kind} {receiver.name}: key {key.name} does not let {service} {action}"


def _key(land: Landscape, reference: str) -> Resource | None:
    """By its identifier, its ARN or an alias."""
    found = land.at(reference)
    if found is not None and found.kind == "kms.Alias":
        return land.at(found.inputs["targetKeyId"])
    return found


def _sent(land: Landscape) -> Iterator[tuple[Resource, str]]:
    """Which service sends to which queue and topic."""
    pairs = [
        *((each, TOPICS, each.inputs["endpoint"]) for each in land.of("sns.TopicSubscription")),
        *(
            (each, EVENTS, each.inputs["arn"])
            for each in land.of("cloudwatch.EventTarget")
            if "roleArn" not in each.inputs
        ),
        *(
            (each, EVENTS, each.inputs["deadLetterConfig"]["arn"])
            for each in land.of("cloudwatch.EventTarget")
            if "deadLetterConfig" in each.inputs
        ),
        *(
            (each, ALARMS, action)
            for each in land.of("cloudwatch.MetricAlarm", "cloudwatch.CompositeAlarm")
            for action in (*each.inputs.get("alarmActions", ()), *each.inputs.get("okActions", ()))
        ),
    ]
    found = {(receiver.urn, service): receiver for _, service, arn in pairs if (receiver := land.at(arn)) is not None}
    for (_, service), receiver in found.items():
        if receiver.kind in {"sqs.Queue", "sns.Topic"}:
            yield receiver, service


RULES = (
    key_that_a_sender_cannot_use,
    key_that_a_rules_role_cannot_use,
    key_that_logs_cannot_use,
    two_ways_to_encrypt_a_queue,
)
