"""What other components need of a function: the alias that everybody calls it by, and the role that it acts in."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.aws._role import Role

ALIAS = "live"
"""Everything calls this alias: a permission for the function itself does not let anybody call its alias."""
METRICS = "AWS/Lambda"


@dataclass(frozen=True, kw_only=True)
class Deployed:
    alias: aws.lambda_.Alias
    physical_name: str
    role: Role
    timeout_seconds: int

    def let_call(
        self, name: str, *, service: str, source_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> aws.lambda_.Permission:
        """Let a service call the alias for one of our own resources."""
        return aws.lambda_.Permission(
            name,
            action="lambda:InvokeFunction",
            function=self.physical_name,
            principal=service,
            qualifier=self.alias.name,
            source_arn=source_arn,
            opts=opts,
        )
