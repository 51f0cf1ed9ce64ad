"""The role by which API Gateway writes the logs of every REST API in this account and region.

There is one such setting, and without it no stage can log. It is kept when the stack goes, role and all, because other
APIs rely on it by then. Afterwards aws.manage_api_logging_role has done its work: leave it out, or the next `up` after
a `destroy` finds the role's name taken.
"""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.aws._gateway import SERVICE
from components.aws._policy import service_trust
from components.aws._role import Role
from components.group import Child

CHILDREN = ("logging-role", "logging-policy", "logging-account")
LOG = (
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
)
"""What API Gateway's documentation asks for, with the listing of log groups."""


def logging_account(name: str, account: Account, child: Child) -> aws.apigateway.Account:
    kept = pulumi.ResourceOptions(retain_on_delete=True)
    # No condition on the account: API Gateway takes a role of its own account only, and says of no other one.
    role = Role(
        f"{name}-logging",
        account=account,
        trust=service_trust(SERVICE),
        opts=child("logging-role", kept),
        is_bounded=False,
    )
    role.allow(*LOG, on=(account.arn("logs", "log-group:*"),))
    role.allow_unscoped("logs:DescribeLogGroups")
    role.seal(child("logging-policy", kept))
    return aws.apigateway.Account(
        name,
        cloudwatch_role_arn=role.arn,
        opts=child("logging-account", pulumi.ResourceOptions(depends_on=[*role.policies], retain_on_delete=True)),
    )
