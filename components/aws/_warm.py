"""What is done about cold starts: a snapshot to resume from, or instances that are kept ready and follow the load."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws import _scaling
from components.aws._account import Account
from components.aws._scaling import Scaled, follow
from components.function import FunctionArgs
from components.group import Child

CHILDREN = ("provisioned", *_scaling.CHILDREN)
BUSY = 0.7
"""More are made ready when this share of the ready ones is at work."""


def snapshot(args: FunctionArgs, account: Account) -> aws.lambda_.FunctionSnapStartArgs | None:
    """Only of what a caller waits for: a snapshot is paid for as long as its version exists."""
    if account.config.cold_start == "snapstart" and args.is_awaited:
        return aws.lambda_.FunctionSnapStartArgs(apply_on="PublishedVersions")
    return None


def keep_warm(name: str, live: aws.lambda_.Alias, args: FunctionArgs, *, account: Account, child: Child) -> bool:
    """Keep `args.warm_instances` of the function ready, and up to `aws.provisioned_maximum` under load, if any."""
    warm = args.warm_instances
    if not warm or account.config.cold_start not in (None, "provisioned"):
        return False
    provisioned = aws.lambda_.ProvisionedConcurrencyConfig(
        name,
        function_name=live.function_name,
        qualifier=live.name,
        provisioned_concurrent_executions=warm,
        # Autoscaling sets it from then on.
        opts=child("provisioned", pulumi.ResourceOptions(ignore_changes=["provisionedConcurrentExecutions"])),
    )
    scaled = Scaled(
        namespace="lambda",
        dimension="lambda:function:ProvisionedConcurrency",
        resource=pulumi.Output.concat("function:", live.function_name, ":", live.name),
        minimum=warm,
        maximum=account.config.provisioned_maximum or 2 * warm,
        metric="LambdaProvisionedConcurrencyUtilization",
        busy=BUSY,
    )
    follow(name, scaled, child=child, after=(provisioned,))
    return True
