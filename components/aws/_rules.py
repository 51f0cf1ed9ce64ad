"""EventBridge's rules: what they match, how long they try to deliver, and whose role they deliver in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._alarms import Alarm, Metric
from components.aws._policy import from_account, service_trust
from components.aws._role import Role
from components.event_bus import Pattern

SOURCE = "orderly"
"""What the relay writes on every event; whatever else comes to the bus is none of ours."""
SERVICE = "events.amazonaws.com"
TRIED_FOR = timedelta(days=1)
TRIED_TIMES = 185
"""EventBridge's longest, both; dead letters after that."""


@dataclass(frozen=True, kw_only=True)
class Bus:
    """A bus as its rules need it. A rule and its target both have to name it, or they mean the account's default."""

    name: pulumi.Output[str]
    physical_name: str
    account: Account

    def rule(self, name: str, *, where: Pattern, opts: pulumi.ResourceOptions) -> aws.cloudwatch.EventRule:
        return aws.cloudwatch.EventRule(
            name,
            name=self.account.name("rule", name),
            event_bus_name=self.name,
            event_pattern=json.dumps(_event_pattern(where)),
            opts=opts,
        )

    def role(self, name: str, rule: aws.cloudwatch.EventRule, opts: pulumi.ResourceOptions) -> Role:
        """For this one rule. Its grants are not sealed yet."""
        where = {**from_account(self.account.id), "ArnEquals": {"aws:SourceArn": rule.arn}}
        return Role(name, account=self.account, trust=service_trust(SERVICE, where=where), opts=opts)

    def alarm(self, rule: str, *, contract: str, of: str) -> Alarm:
        """Raised by the first event that the rule has given up."""
        dimensions = {"EventBusName": self.physical_name, "RuleName": self.account.name("rule", rule)}
        return Alarm(
            about="failed-deliveries",
            contract=contract,
            of=of,
            says=f"The rule {rule} could not deliver an event; its dead letters have it and say why.",
            metric=Metric(namespace="AWS/Events", name="FailedInvocations", dimensions=dimensions),
            threshold=0,
        )


def retry_policy() -> aws.cloudwatch.EventTargetRetryPolicyArgs:
    return aws.cloudwatch.EventTargetRetryPolicyArgs(
        maximum_event_age_in_seconds=int(TRIED_FOR.total_seconds()), maximum_retry_attempts=TRIED_TIMES
    )


def _event_pattern(where: Pattern) -> dict[str, object]:
    pattern: dict[str, object] = {"source": [SOURCE]}
    if where.event_types:
        pattern["detail-type"] = list(where.event_types)
    if where.total_minor_above is not None:
        pattern["detail"] = {"total_minor": [{"numeric": [">", where.total_minor_above]}]}
    return pattern
