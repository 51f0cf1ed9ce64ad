"""Messages that a service is not let deliver: most of these fail without a word."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.aws.landscape import Landscape, bus_named, told_of
from tests.graph import Resource

EVENTS, TOPICS, ALARMS = "events.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com"
TARGETS_OF_A_RULE = 5
DELIVERIES = {
    "sqs.Queue": "sqs:SendMessage",
    "sns.Topic": "sns:Publish",
    "sfn.StateMachine": "states:StartExecution",
    "cloudwatch.EventApiDestination": "events:InvokeApiDestination",
    "cloudwatch.EventBus": "events:PutEvents",
}
"""By receiver, the action that is a delivery."""
CALLED_IN_A_ROLE = {"sfn.StateMachine", "cloudwatch.EventApiDestination", "cloudwatch.EventBus"}


def event_target_not_let_deliver(land: Landscape) -> Iterator[str]:
    for target in land.of("cloudwatch.EventTarget"):
        called, rule = land.at(target.inputs["arn"]), land.rule_of(target)
        if called is None or rule is None:
            yield f"{target.name}: {target.inputs['arn']} or the rule {target.inputs['rule']} is not here"
        elif called.kind in CALLED_IN_A_ROLE and "roleArn" not in target.inputs:
            yield f"{target.name}: {called.name} is called in a role, and there is none"
        elif (role := land.at(target.inputs.get("roleArn"))) is not None:
            if not _may(land, role, called):
                yield f"{target.name}: its role {role.name} may not deliver to {called.kind} {called.name}"
        elif not _let_in_by(land, EVENTS, called, rule.state["arn"]):
            yield f"{target.name}: {called.kind} {called.name} does not let {EVENTS} in for {rule.name}"


def dead_letters_not_let_in(land: Landscape) -> Iterator[str]:
    """The dead letters of a rule's target, of a bus and of a subscription need a policy of the queue."""
    for owner, queue_arn, service, source in _dead_letters(land):
        queue = land.at(queue_arn)
        if queue is None or not _let_in_by(land, service, queue, source):
            yield f"{owner.kind} {owner.name}: its dead letters' queue does not let {service} in for {source}"


def subscription_not_let_deliver(land: Landscape) -> Iterator[str]:
    for subscription in land.of("sns.TopicSubscription"):
        called = land.at(subscription.inputs["endpoint"])
        if called is not None and not _let_in_by(land, TOPICS, called, subscription.inputs["topic"]):
            yield f"{subscription.name}: {called.kind} {called.name} does not let {TOPICS} in for the topic"


def delivery_before_it_is_let_in(land: Landscape) -> Iterator[str]:
    """What is refused is given up on at once, with nothing in the dead letters if they are not open yet either."""
    for sender, arn, service, source in _sendings(land):
        receiver = land.at(arn)
        policies = _let_in_by(land, service, receiver, source) if receiver else []
        if receiver and policies and not any(land.graph.comes_after(sender, policy) for policy in policies):
            yield f"{sender.kind} {sender.name} does not wait for what lets it into {receiver.kind} {receiver.name}"


def alarm_not_let_publish(land: Landscape) -> Iterator[str]:
    """A topic without a policy lets its own account in; one with a policy only whom that names."""
    for alarm in land.of("cloudwatch.MetricAlarm", "cloudwatch.CompositeAlarm"):
        for action in {*alarm.inputs.get("alarmActions", ()), *alarm.inputs.get("okActions", ())}:
            topic = land.at(action)
            if topic is None:
                yield f"{alarm.name}: its action {action} is not here"
            elif _has_policy(land, topic) and not _let_in_by(land, ALARMS, topic, alarm.state["arn"]):
                yield f"{alarm.name}: topic {topic.name} does not let {ALARMS} in"


def several_policies_of_one_resource(land: Landscape) -> Iterator[str]:
    """The last one written is the only one left."""
    for kind, subject in (("sqs.QueuePolicy", "queueUrl"), ("sns.TopicPolicy", "arn"), ("s3.BucketPolicy", "bucket")):
        counted = Counter(found.inputs[subject] for found in land.of(kind))
        yield from (f"{name} has {count} of {kind}" for name, count in counted.items() if count > 1)


def target_on_another_bus(land: Landscape) -> Iterator[str]:
    """A target that does not repeat its rule's bus is looked for on the default one."""
    for target in land.of("cloudwatch.EventTarget"):
        rules = [rule for rule in land.of("cloudwatch.EventRule") if rule.inputs["name"] == target.inputs["rule"]]
        buses = {bus_named(rule.inputs.get("eventBusName")) for rule in rules}
        bus = bus_named(target.inputs.get("eventBusName"))
        if bus not in buses:
            yield f"{target.name} is on bus {bus}; its rule is on {sorted(buses)}"


def more_targets_than_a_rule_has(land: Landscape) -> Iterator[str]:
    counted = Counter(
        (each.inputs.get("eventBusName"), each.inputs["rule"]) for each in land.of("cloudwatch.EventTarget")
    )
    for (_, rule), count in counted.items():
        if count > TARGETS_OF_A_RULE:
            yield f"{rule} has {count} targets; a rule has up to {TARGETS_OF_A_RULE}"


def redrive_that_is_not_allowed(land: Landscape) -> Iterator[str]:
    for queue, dead in _redriven(land):
        allowing = [each for each in land.of("sqs.RedriveAllowPolicy") if land.at(each.inputs["queueUrl"]) is dead]
        for policy in (json.loads(each.inputs["redriveAllowPolicy"]) for each in allowing):
            if (
                queue.state["arn"] not in policy.get("sourceQueueArns", ())
                and policy["redrivePermission"] != "allowAll"
            ):
                yield f"{dead.name} takes no dead letters from {queue.name}"


def redrive_policies_that_wait_for_each_other(land: Landscape) -> Iterator[str]:
    for queue in land.of("sqs.Queue"):
        if "redriveAllowPolicy" in queue.inputs:
            yield f"{queue.name} has its redrive-allow policy inline: with its source's redrive policy that is a cycle"


def dead_letters_of_another_kind(land: Landscape) -> Iterator[str]:
    for queue, dead in _redriven(land):
        if bool(queue.inputs.get("fifoQueue")) != bool(dead.inputs.get("fifoQueue")):
            yield f"{queue.name} and its dead letters' queue {dead.name} have to be both FIFO or both not"
        if dead.state["messageRetentionSeconds"] < queue.state["messageRetentionSeconds"]:
            yield f"{dead.name} keeps messages for less time than {queue.name}; their age is that in the first queue"


def fifo_named_otherwise(land: Landscape) -> Iterator[str]:
    for found in land.of("sqs.Queue", "sns.Topic"):
        is_ordered = bool(found.inputs.get("fifoQueue") or found.inputs.get("fifoTopic"))
        if is_ordered != found.inputs["name"].endswith(".fifo"):
            yield f"{found.name}: the name of what is FIFO, and only that, ends in .fifo"


def dead_letters_that_are_not_here(land: Landscape) -> Iterator[str]:
    for queue in land.of("sqs.Queue"):
        arn = _redrive(queue).get("deadLetterTargetArn")
        if arn and land.at(arn) is None:
            yield f"{queue.name}: its dead letters' queue {arn} is not here"


def _may(land: Landscape, role: Resource, called: Resource) -> bool:
    """A rule that has a role delivers by what that may do, and no policy of the receiver has to name EventBridge."""
    action = DELIVERIES.get(called.kind)
    return action is None or bool(land.allowed(role, action, called.state["arn"]))


def _let_in_by(land: Landscape, service: str, called: Resource, source: str) -> list[Resource]:
    """The policies or permissions by which the service delivers to it; itself, where it needs none."""
    if called.kind in {"lambda.Alias", "lambda.Function"}:
        return land.called_by(service, called, source=source)
    if called.kind not in DELIVERIES:
        return [called]
    return land.let_in_by(service, DELIVERIES[called.kind], called, told_of(source))


def _has_policy(land: Landscape, topic: Resource) -> bool:
    return any(land.at(policy.inputs["arn"]) is topic for policy in land.of("sns.TopicPolicy"))


def _sendings(land: Landscape) -> Iterator[tuple[Resource, str, str, str]]:
    """Who sends to what, as which service and in whose name; not in a role, which its own rule looks at.

    A bus is named in the policy of its own dead letters, so it cannot wait for that.
    """
    for target in land.of("cloudwatch.EventTarget"):
        rule = land.rule_of(target)
        if rule and "roleArn" not in target.inputs:
            yield target, target.inputs["arn"], EVENTS, rule.state["arn"]
    for subscription in land.of("sns.TopicSubscription"):
        yield subscription, subscription.inputs["endpoint"], TOPICS, subscription.inputs["topic"]
    yield from (each for each in _dead_letters(land) if each[0].kind != "cloudwatch.EventBus")


def _dead_letters(land: Landscape) -> Iterator[tuple[Resource, str, str, str]]:
    for target in land.of("cloudwatch.EventTarget"):
        rule, arn = land.rule_of(target), target.inputs.get("deadLetterConfig", {}).get("arn")
        if rule and arn:
            yield target, arn, EVENTS, rule.state["arn"]
    for bus in land.of("cloudwatch.EventBus"):
        if arn := bus.inputs.get("deadLetterConfig", {}).get("arn"):
            yield bus, arn, EVENTS, bus.state["arn"]
    for subscription in land.of("sns.TopicSubscription"):
        policy = json.loads(subscription.inputs.get("redrivePolicy", "{}"))
        if arn := policy.get("deadLetterTargetArn"):
            yield subscription, arn, TOPICS, subscription.inputs["topic"]


def _redriven(land: Landscape) -> Iterator[tuple[Resource, Resource]]:
    for queue in land.of("sqs.Queue"):
        dead = land.at(_redrive(queue).get("deadLetterTargetArn"))
        if dead is not None:
            yield queue, dead


def _redrive(queue: Resource) -> dict[str, Any]:
    return dict(json.loads(queue.inputs.get("redrivePolicy", "{}")))


RULES = (
    event_target_not_let_deliver,
    dead_letters_not_let_in,
    subscription_not_let_deliver,
    delivery_before_it_is_let_in,
    alarm_not_let_publish,
    several_policies_of_one_resource,
    target_on_another_bus,
    more_targets_than_a_rule_has,
    redrive_that_is_not_allowed,
    redrive_policies_that_wait_for_each_other,
    dead_letters_of_another_kind,
    fifo_named_otherwise,
    dead_letters_that_are_not_here,
)
