"""Application Auto Scaling: what is kept between two bounds so that a share of it is at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.group import Child

CHILDREN = ("scaling-target", "scaling-policy")


@dataclass(frozen=True, kw_only=True)
class Scaled:
    namespace: str
    dimension: str
    resource: pulumi.Output[str]
    minimum: int
    maximum: int
    metric: str
    """Which of the predefined metrics says how busy it is."""
    busy: float
    """More is added when the metric is above this: a fraction for Lambda, a percentage for DynamoDB."""


def follow(name: str, scaled: Scaled, *, child: Child, after: Sequence[pulumi.Resource] = ()) -> None:
    """`after` has to exist before it can be scaled."""
    target = aws.appautoscaling.Target(
        name,
        service_namespace=scaled.namespace,
        scalable_dimension=scaled.dimension,
        resource_id=scaled.resource,
        min_capacity=scaled.minimum,
        max_capacity=scaled.maximum,
        opts=child("scaling-target", pulumi.ResourceOptions(depends_on=[*after])),
    )
    aws.appautoscaling.Policy(
        name,
        name=name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=_tracking(scaled),
        opts=child("scaling-policy"),
    )


def _tracking(scaled: Scaled) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs:
    metric = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type=scaled.metric
    )
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
        target_value=scaled.busy, predefined_metric_specification=metric
    )
