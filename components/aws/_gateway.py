"""What an HTTP API and a REST API are both made of, and what both have to be watched for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._alarms import FAILED_PERCENT, NEARLY_TIMED_OUT, Alarm, Metric
from components.aws._lambda import Deployed
from components.aws._tokens import Trusted
from components.group import Child

NAMESPACE = "AWS/ApiGateway"
SERVICE = "apigateway.amazonaws.com"
PATIENCE = timedelta(seconds=1)
"""A gateway waits so much longer than the function may take: the function's own failure is then told, not a 504."""


@dataclass(frozen=True, kw_only=True)
class Gateway:
    """`child` gives the options of the component's children."""

    name: str
    account: Account
    child: Child
    function: Deployed
    tokens: Trusted
    cors_origins: tuple[str, ...]
    rate_per_second: int
    burst: int
    log_retention_days: int
    stage: str

    @property
    def physical_name(self) -> str:
        return self.account.name("api", self.name)

    def timeout_ms(self, longest: timedelta) -> int:
        """How long it waits for the function; `longest` is as long as its kind can."""
        wanted = timedelta(seconds=self.function.timeout_seconds) + PATIENCE
        return int(min(wanted, longest).total_seconds() * 1000)

    def access_logs(self, folder: str) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{self.name}-access",
            name=f"{folder}/{self.physical_name}",
            retention_in_days=self.log_retention_days,
            opts=self.child("access-logs"),
        )

    def let_call_the_function(self, execution_arn: pulumi.Output[str]) -> None:
        """One statement for all routes: a function's policy holds 20,480 characters."""
        self.function.let_call(
            self.name,
            service=SERVICE,
            source_arn=pulumi.Output.concat(execution_arn, "/*/*"),
            opts=self.child("permission"),
        )


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The metrics of one API; the kinds of API call them differently."""

    requests: Metric
    errors: Metric
    latency: Metric


class Front(Protocol):
    """What either kind of API is for those that use it."""

    @property
    def address(self) -> pulumi.Output[str]: ...
    @property
    def measured(self) -> Measured: ...


def log_line(fields: Mapping[str, str]) -> str:
    """The format of an access log: one JSON object of `$context` variables, never a token, a query or an address."""
    return json.dumps({name: f"$context.{variable}" for name, variable in fields.items()})


def gateway_alarms(name: str, measured: Measured, timeout_seconds: int) -> Iterator[Alarm]:
    yield Alarm(
        about="api-errors",
        contract="api",
        of=name,
        says=f"More than {FAILED_PERCENT} % of the requests to {name} failed on our side; its access log says which.",
        metric=measured.errors,
        share_of=measured.requests,
        threshold=FAILED_PERCENT,
        periods=3,
    )
    yield Alarm(
        about="api-latency",
        contract="api",
        of=name,
        says=f"One in a hundred requests to {name} takes over {NEARLY_TIMED_OUT:.0%} of the time that it may.",
        metric=measured.latency,
        threshold=NEARLY_TIMED_OUT * 1000 * timeout_seconds,
        periods=5,
    )
