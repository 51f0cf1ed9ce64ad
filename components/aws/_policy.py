"""IAM's documents: statements that allow, who may assume a role, and the few actions that nothing narrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi

POLICY_VERSION = "2012-10-17"
Conditions = Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]
"""By operator, then by condition key."""

_XRAY = "X-Ray knows no resources"
_LOG_DELIVERY = "a log delivery has no ARN"
_LOG_POLICIES = "these policies belong to the account and region, not to a log group"
UNSCOPED: Mapping[str, str] = {
    "dynamodb:ListStreams": "it lists streams, so it names none; Lambda asks for it where it reads a stream",
    "xray:PutTraceSegments": _XRAY,
    "xray:PutTelemetryRecords": _XRAY,
    "xray:GetSamplingRules": _XRAY,
    "xray:GetSamplingTargets": _XRAY,
    "logs:CreateLogDelivery": _LOG_DELIVERY,
    "logs:GetLogDelivery": _LOG_DELIVERY,
    "logs:UpdateLogDelivery": _LOG_DELIVERY,
    "logs:DeleteLogDelivery": _LOG_DELIVERY,
    "logs:ListLogDeliveries": _LOG_DELIVERY,
    "logs:PutResourcePolicy": _LOG_POLICIES,
    "logs:DescribeResourcePolicies": _LOG_POLICIES,
    "logs:DescribeLogGroups": "it lists log groups, so it names none",
}
"""The only actions that a role may be allowed on `*`, each with the reason why AWS has no narrower form."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """Actions that are allowed on resources; `principal` only in the policy of a resource, or of a role's trust."""

    actions: tuple[str, ...]
    on: tuple[pulumi.Input[str], ...] = ()
    where: Conditions = field(default_factory=dict)
    principal: Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]] | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "Effect": "Allow",
            **({"Principal": self.principal} if self.principal else {}),
            "Action": list(self.actions),
            **({"Resource": list(self.on)} if self.on else {}),
            **({"Condition": self.where} if self.where else {}),
        }


def service_trust(service: str, *, where: Conditions | None = None) -> Statement:
    """A service of AWS may assume the role; `where` keeps it from doing so for another account."""
    return Statement(actions=("sts:AssumeRole",), principal={"Service": service}, where=where or {})


def from_account(account_id: pulumi.Input[str]) -> Conditions:
    """The condition by which a service acts for nobody else's account (the confused deputy)."""
    return {"StringEquals": {"aws:SourceAccount": account_id}}


def tls_only(*actions: str, on: Sequence[pulumi.Input[str]]) -> dict[str, object]:
    """The statement by which a resource refuses everybody who does not come over TLS."""
    return {
        "Sid": "OverTlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": list(actions),
        "Resource": list(on),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def document(*statements: Statement | Mapping[str, object]) -> pulumi.Output[str]:
    """A policy as IAM reads it."""
    written = [each.as_json() if isinstance(each, Statement) else dict(each) for each in statements]
    return pulumi.Output.json_dumps({"Version": POLICY_VERSION, "Statement": written})
