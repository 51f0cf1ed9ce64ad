"""What is done about cold starts: a snapshot to resume from, or instances that are kept ready and follow the load."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws

from components.aws._account import Account
from components.function import FunctionArgs
from components.group import Child

BUSY = 0.7
"""More are made ready when this share of the ready ones is at work: a fraction, where DynamoDB takes a percentage."""
DIMENSION = "lambda:function:ProvisionedConcurrency"


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
    target = aws.appautoscaling.Target(
        name,
        service_namespace="lambda",
        scalable_dimension=DIMENSION,
        resource_id=pulumi.Output.concat("function:", live.function_name, ":", live.name),
        min_capacity=warm,
        max_capacity=account.config.provisioned_maximum or 2 * warm,
        opts=child("scaling-target", pulumi.ResourceOptions(depends_on=[provisioned])),
    )
    aws.appautoscaling.Policy(
        name,
        name=name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            target_value=BUSY,
            predefined_metric_specification=_ready_instances_at_work(),
        ),
        opts=child("scaling-policy"),
    )
    return True


def _ready_instances_at_work() -> (
    aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs
):
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type="LambdaProvisionedConcurrencyUtilization"
    )
