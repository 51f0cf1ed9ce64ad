"""Provisioned capacity of a table and its indexes that follows the load between two bounds."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.aws import _scaling
from components.aws._scaling import Scaled, follow
from components.group import Child
from components.vendor_blocks import DatabaseCapacity

CHILDREN = _scaling.CHILDREN
BUSY_PERCENT = 70
"""Capacity is added above this share of it."""
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
    follow(
        name,
        Scaled(
            namespace="dynamodb",
            dimension=f"dynamodb:{scaled}:{units}",
            resource=resource,
            minimum=capacity.minimum,
            maximum=capacity.maximum,
            metric=METRICS[units],
            busy=BUSY_PERCENT,
        ),
        child=child,
    )
