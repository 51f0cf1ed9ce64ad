"""Roles that may not do what AWS tries while a resource is made, or that may only once it has failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest

from tests.unit.aws.programs import after, alias, function, refused, role, role_policy

LOGS = (
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")),
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
GROUPS = "arn:aws:scheduler:eu-central-1:123456789012:schedule-group"
TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")


def test_a_traced_function_that_does_not_wait_for_its_role_s_policy() -> None:
    assert refused(traced(*TRACES)) == []
    assert refused(traced(*TRACES, waits=False)) == ["role_not_allowed_in_time"] * 2


def test_a_traced_function_whose_role_may_not_trace() -> None:
    assert refused(traced("xray:GetSamplingRules")) == ["role_not_allowed_in_time"] * 2


def test_a_poller_that_does_not_wait_for_its_role_s_policy() -> None:
    assert refused(polling()) == []
    assert refused(polling(waits=False)) == ["role_not_allowed_in_time"] * 3


def test_a_state_machine_that_does_not_wait_for_its_role_s_policy() -> None:
    assert refused(machine()) == []
    assert refused(machine(waits=False)) == ["role_not_allowed_in_time"] * len(LOGS)


def test_a_schedule_that_does_not_wait_for_its_role_s_policy() -> None:
    assert refused(scheduled()) == []
    assert refused(scheduled(waits=False)) == ["role_not_allowed_in_time"]


def test_a_schedule_whose_role_may_call_the_function_but_not_its_alias() -> None:
    assert refused(scheduled(on_alias=False)) == ["role_not_allowed_in_time"]


@pytest.mark.parametrize("service", ["events.amazonaws.com", "lambda.amazonaws.com"])
def test_a_role_that_its_service_cannot_assume(service: str) -> None:
    assert refused(scheduled(service=service)) == ["role_that_its_service_cannot_assume"]


@pytest.mark.parametrize(
    ("said", "refusals"),
    [
        ({"Condition": {"ArnEquals": {"aws:SourceArn": f"{GROUPS}/default"}}}, []),
        ({"Condition": {"ArnEquals": {"aws:SourceArn": f"{GROUPS}/other"}}}, ["role_that_its_service_cannot_assume"]),
        ({"Action": "sts:TagSession"}, ["role_that_its_service_cannot_assume"]),
    ],
)
def test_a_role_that_its_service_can_assume_for_something_else(said: dict[str, Any], refusals: list[str]) -> None:
    assert refused(scheduled(trust=said)) == refusals


def traced(*actions: str, waits: bool = True) -> Callable[[], None]:
    def declare() -> None:
        own = role("orders")
        policy = role_policy("orders", own, *actions)
        tracing = aws.lambda_.FunctionTracingConfigArgs(mode="Active")
        function(role=own.arn, tracing_config=tracing, opts=after(policy) if waits else None)

    return declare


def polling(*, waits: bool = True) -> Callable[[], None]:
    def declare() -> None:
        queue = aws.sqs.Queue("orders", name="orders", visibility_timeout_seconds=60)
        own = role("orders")
        verbs = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        policy = role_policy("orders", own, *verbs, on=queue.arn)
        aws.lambda_.EventSourceMapping(
            "orders",
            event_source_arn=queue.arn,
            function_name=alias(function(role=own.arn)).arn,
            opts=after(policy) if waits else None,
        )

    return declare


def machine(*, waits: bool = True) -> Callable[[], None]:
    def declare() -> None:
        own = role("orders", service="states.amazonaws.com")
        policy = role_policy("orders", own, *LOGS)
        logs = aws.cloudwatch.LogGroup("orders", name="/aws/vendedlogs/states/orders")
        logging = aws.sfn.StateMachineLoggingConfigurationArgs(
            level="ALL", log_destination=logs.arn.apply(lambda arn: f"{arn}:*")
        )
        aws.sfn.StateMachine(
            "orders",
            name="orders",
            definition="{}",
            role_arn=own.arn,
            logging_configuration=logging,
            opts=after(policy) if waits else None,
        )

    return declare


def scheduled(
    *,
    waits: bool = True,
    on_alias: bool = True,
    service: str = "scheduler.amazonaws.com",
    trust: dict[str, Any] | None = None,
) -> Callable[[], None]:
    def declare() -> None:
        called = function()
        live = alias(called)
        own = role("schedule", service=service, **(trust or {}))
        policy = role_policy("schedule", own, "lambda:InvokeFunction", on=live.arn if on_alias else called.arn)
        aws.scheduler.Schedule(
            "orders",
            name="orders",
            schedule_expression="cron(0 2 * * ? *)",
            flexible_time_window=aws.scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
            target=aws.scheduler.ScheduleTargetArgs(arn=live.arn, role_arn=own.arn),
            opts=after(policy) if waits else None,
        )

    return declare
