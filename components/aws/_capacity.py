"""Provisioned capacity of a table and its indexes that follows the load between two bounds."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.group import Child
from components.vendor_blocks import DatabaseCapacity

CHILDREN = ("scaling-target", "scaling-policy")
BUSY_PERCENT = 70
"""Capacity is added above this share of it: a percentage, where Lambda takes a fraction."""
METRICS: Mapping[str, str] = {
    "ReadCapacityUnits": "DynamoDBReadCapacityUtilization",
    "WriteCapacityUnits": "DynamoDBWriteCapacityUtilization",
}
"""By what is scaled, what says how busy it is."""
SET_BY_AUTOSCALING = [
    "readCapacity",
    "writeCapacity",
    "globalSecondaryIndexes[*].readCapacity",
    "globalSecondaryIndexes[*].writeCapacity",
]
"""Inputs of the table that an update leaves as autoscaling has set them."""


def follow_load(
    name: str, table: aws.dynamodb.Table, *, indexes: tuple[str, ...], capacity: DatabaseCapacity, child: Child
) -> None:
    """Scale the table and each of its indexes: a write is held up by the slowest index that it goes to."""
    for units in METRICS:
        _scale(f"{name}-{units}", "table", pulumi.Output.concat("table/", table.name), units, capacity, child)
        for index in indexes:
            resource = pulumi.Output.concat("table/", table.name, "/index/", index)
            _scale(f"{name}-{index}-{units}", "index", resource, units, capacity, child)


def _scale(
    name: str,
    scaled: str,
    resource: pulumi.Output[str],
    units: str,
    capacity: DatabaseCapacity,
    child: Child,
) -> None:
    target = aws.appautoscaling.Target(
        name,
        service_namespace="dynamodb",
        scalable_dimension=f"dynamodb:{scaled}:{units}",
        resource_id=resource,
        min_capacity=capacity.minimum,
        max_capacity=capacity.maximum,
        opts=child("scaling-target"),
    )
    aws.appautoscaling.Policy(
        name,
        name=name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
            target_value=BUSY_PERCENT,
            predefined_metric_specification=_how_busy(METRICS[units]),
        ),
        opts=child("scaling-policy"),
    )


def _how_busy(
    metric: str,
) -> aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs:
    return aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
        predefined_metric_type=metric
    )
