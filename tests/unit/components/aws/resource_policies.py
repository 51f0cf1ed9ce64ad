"""What a recorded policy says, read back as values."""

from __future__ import annotations

import json
from typing import Any

from tests.graph import Graph, Resource

Statement = dict[str, Any]


def statements(resource: Resource, field: str = "policy") -> list[Statement]:
    found: list[Statement] = json.loads(resource.inputs[field])["Statement"]
    return found


def allowed(resource: Resource, field: str = "policy") -> list[Statement]:
    return [statement for statement in statements(resource, field) if statement["Effect"] == "Allow"]


def arn(graph: Graph, kind: str, name: str) -> str:
    return str(graph.one(kind, name).state["arn"])


def refuses_plain_text(resource: Resource) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and statement["Principal"] == "*"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in statements(resource)
    )
