"""The operators' message, made by EventBridge of an event: the same JSON as functions/services/notify_ops.py sends."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pulumi_aws as aws

PATHS: Mapping[str, str] = {
    "currency": "$.detail.currency",
    "event_id": "$.detail.id",
    "event_type": "$.detail.type",
    "order_id": "$.detail.order_id",
    "tenant": "$.detail.tenant",
    "total_minor": "$.detail.total_minor",
}
TEXT = "Order <order_id> over <total_minor> <currency> (minor units) was placed"


def ops_message() -> aws.cloudwatch.EventTargetInputTransformerArgs:
    return aws.cloudwatch.EventTargetInputTransformerArgs(input_paths=dict(PATHS), input_template=_template())


def _template() -> str:
    """A field that stands alone is written as JSON, quotes and all; one inside a text is put in as it is."""
    fields = {**{name: f"<{name}>" for name in PATHS}, "text": json.dumps(TEXT)}
    return "{" + ",".join(f'"{name}":{fields[name]}' for name in sorted(fields)) + "}"
