"""What a role may do and who may take it, as IAM's own statements."""

from __future__ import annotations

import json
from typing import Any

from tests.graph import Graph

Statement = dict[str, Any]


def statements(policy: str) -> list[Statement]:
    found: list[Statement] = json.loads(policy)["Statement"]
    return found


def allowed(graph: Graph, role: str) -> list[Statement]:
    """Of every policy of the role, in the order in which they were made."""
    name = graph.one("iam.Role", role).state["name"]
    policies = [found for found in graph.of("iam.RolePolicy").values() if found.inputs["role"] == name]
    return [each for policy in policies for each in statements(policy.inputs["policy"]) if each["Effect"] == "Allow"]


def allowing(graph: Graph, role: str, action: str) -> list[Statement]:
    return [each for each in allowed(graph, role) if action in each["Action"]]


def trusting(graph: Graph, role: str) -> Statement:
    (trust,) = statements(graph.one("iam.Role", role).inputs["assumeRolePolicy"])
    return trust
