"""Roles that may not do what AWS tries while the resource is made, or that may only once it has failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.aws.landscape import OVER_TLS, Landscape, told_of
from tests.graph import Resource

POLL = {
    "sqs.Queue": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb.Table": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"),
}
SEND = {"sqs.Queue": "sqs:SendMessage", "sns.Topic": "sns:Publish", "cloudwatch.EventBus": "events:PutEvents"}
CALL = {
    "lambda.Alias": "lambda:InvokeFunction",
    "lambda.Function": "lambda:InvokeFunction",
    "sqs.Queue": "sqs:SendMessage",
    "sfn.StateMachine": "states:StartExecution",
    "cloudwatch.EventApiDestination": "events:InvokeApiDestination",
    "cloudwatch.EventBus": "events:PutEvents",
}
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
ANYTHING = "*"


@dataclass(frozen=True, kw_only=True)
class Need:
    """What has to be allowed to a role before a resource is made with it."""

    by: Resource
    role: str
    action: str
    on: str


def role_not_allowed_in_time(land: Landscape) -> Iterator[str]:
    """AWS looks when the resource is made; that it waits for the role does not mean that it waits for its policy."""
    for need in _needs(land):
        role = land.at(need.role)
        if role is None or role.kind != "iam.Role":
            continue
        found = land.allowed(role, need.action, need.on)
        if not found:
            yield f"{need.by.kind} {need.by.name}: its role may not {need.action} on {need.on}"
        elif not any(land.graph.comes_after(need.by, statement.owner) for statement in found):
            yield f"{need.by.kind} {need.by.name} does not wait for the policy that allows {need.action}"


def role_that_its_service_cannot_assume(land: Landscape) -> Iterator[str]:
    for by, role_arn, service, source in _assumed(land):
        role = land.at(role_arn)
        told = told_of(source) if source else OVER_TLS
        if role is None or role.kind != "iam.Role":
            yield f"{by.kind} {by.name}: {role_arn} is no role here"
        elif not any(
            found.owner is role and found.names(service) and found.allows("sts:AssumeRole", role_arn, told)
            for found in land.statements
        ):
            yield f"{by.kind} {by.name}: {service} cannot assume {role.name}"


def _needs(land: Landscape) -> Iterator[Need]:
    yield from _needs_of_functions(land)
    yield from _needs_of_pollers(land)
    yield from _needs_of_state_machines(land)
    yield from _needs_of_callers(land)


def _needs_of_functions(land: Landscape) -> Iterator[Need]:
    for function in land.of("lambda.Function"):
        role = function.inputs["role"]
        if function.inputs.get("tracingConfig", {}).get("mode") == "Active":
            yield from (Need(by=function, role=role, action=action, on=ANYTHING) for action in TRACES)
        if target := function.inputs.get("deadLetterConfig", {}).get("targetArn"):
            yield from _sending(land, function, role, target)
        if "vpcConfig" in function.inputs:
            yield Need(by=function, role=role, action="ec2:CreateNetworkInterface", on=ANYTHING)
    for config in land.of("lambda.FunctionEventInvokeConfig"):
        called = land.function_of(config.inputs["functionName"])
        target = config.inputs.get("destinationConfig", {}).get("onFailure", {}).get("destination")
        if called and target:
            yield from _sending(land, config, called.inputs["role"], target)


def _needs_of_pollers(land: Landscape) -> Iterator[Need]:
    for mapping in land.of("lambda.EventSourceMapping"):
        function, source = land.function_of(mapping.inputs["functionName"]), land.at(mapping.inputs["eventSourceArn"])
        if function is None or source is None:
            continue
        role, on = function.inputs["role"], mapping.inputs["eventSourceArn"]
        yield from (Need(by=mapping, role=role, action=action, on=on) for action in POLL.get(source.kind, ()))
        if target := mapping.inputs.get("destinationConfig", {}).get("onFailure", {}).get("destinationArn"):
            yield from _sending(land, mapping, role, target)


def _needs_of_state_machines(land: Landscape) -> Iterator[Need]:
    for machine in land.of("sfn.StateMachine"):
        role = machine.inputs["roleArn"]
        if machine.inputs.get("loggingConfiguration", {}).get("level", "OFF") != "OFF":
            yield from (Need(by=machine, role=role, action=action, on=ANYTHING) for action in LOG_DELIVERY)
        if machine.inputs.get("tracingConfiguration", {}).get("enabled"):
            yield from (Need(by=machine, role=role, action=action, on=ANYTHING) for action in TRACES)


def _needs_of_callers(land: Landscape) -> Iterator[Need]:
    """Schedules, and the rules' targets that are called in a role."""
    for schedule in land.of("scheduler.Schedule"):
        target = schedule.inputs["target"]
        yield from _calling(land, schedule, target["roleArn"], target["arn"])
        if dead := target.get("deadLetterConfig", {}).get("arn"):
            yield from _sending(land, schedule, target["roleArn"], dead)
    for rule_target in land.of("cloudwatch.EventTarget"):
        if role := rule_target.inputs.get("roleArn"):
            yield from _calling(land, rule_target, role, rule_target.inputs["arn"])


def _calling(land: Landscape, by: Resource, role: str, arn: str) -> Iterator[Need]:
    called = land.at(arn)
    if called is not None and called.kind in CALL:
        yield Need(by=by, role=role, action=CALL[called.kind], on=arn)


def _sending(land: Landscape, by: Resource, role: str, arn: str) -> Iterator[Need]:
    target = land.at(arn)
    if target is not None and target.kind in SEND:
        yield Need(by=by, role=role, action=SEND[target.kind], on=arn)


def _assumed(land: Landscape) -> Iterator[tuple[Resource, str, str, str | None]]:
    """Who takes which role, as which service, in the name of what; Lambda does not say for whom."""
    for function in land.of("lambda.Function"):
        yield function, function.inputs["role"], "lambda.amazonaws.com", None
    for machine in land.of("sfn.StateMachine"):
        yield machine, machine.inputs["roleArn"], "states.amazonaws.com", machine.state["arn"]
    for schedule in land.of("scheduler.Schedule"):
        yield schedule, schedule.inputs["target"]["roleArn"], "scheduler.amazonaws.com", _group_of(schedule)
    for target in land.of("cloudwatch.EventTarget"):
        rule = land.rule_of(target)
        if rule and "roleArn" in target.inputs:
            yield target, target.inputs["roleArn"], "events.amazonaws.com", rule.state["arn"]


def _group_of(schedule: Resource) -> str:
    """Scheduler acts in the name of the schedule's group."""
    before, _, _ = schedule.state["arn"].partition(":schedule/")
    return f"{before}:schedule-group/{schedule.inputs.get('groupName', 'default')}"


RULES = (role_not_allowed_in_time, role_that_its_service_cannot_assume)
