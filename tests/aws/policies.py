"""Every policy of a graph as plain statements, and what least privilege asks of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.aws.conditions import Told, hold, like, listed, names_action
from tests.graph import Graph, Resource

ROLE_POLICIES_CHARACTERS = 10_240
TRUST_CHARACTERS = 2_048
RESOURCE_POLICY_CHARACTERS = 20_480
"""docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; white space does not count."""

PERMISSION = "aws:lambda/permission:Permission"
DOCUMENTS: Mapping[str, tuple[str, str]] = {
    "aws:iam/role:Role": ("assumeRolePolicy", "name"),
    "aws:iam/rolePolicy:RolePolicy": ("policy", "role"),
    "aws:iam/policy:Policy": ("policy", "arn"),
    "aws:sqs/queuePolicy:QueuePolicy": ("policy", "queueUrl"),
    "aws:sns/topicPolicy:TopicPolicy": ("policy", "arn"),
    "aws:s3/bucketPolicy:BucketPolicy": ("policy", "bucket"),
    "aws:kms/key:Key": ("policy", "arn"),
    "aws:secretsmanager/secretPolicy:SecretPolicy": ("policy", "secretArn"),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": ("policyDocument", "policyName"),
    "aws:apigateway/restApiPolicy:RestApiPolicy": ("policy", "restApiId"),
}
"""By type, the input that is a policy and the value of its state that says what it is attached to."""

OF_ITS_KEY = frozenset({"aws:kms/key:Key"})
"""In a key's policy `*` is the key itself."""
SOURCES = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"})
WITHOUT_SOURCE = frozenset({"apigateway.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com"})


@dataclass(frozen=True, kw_only=True)
class Statement:
    """`subject` is what the policy is attached to: a role's name, a queue's URL or an ARN."""

    owner: Resource
    subject: str
    effect: str
    principals: frozenset[str]
    services: frozenset[str]
    """Those among the principals that are written as services."""
    actions: frozenset[str]
    resources: frozenset[str]
    conditions: Mapping[str, Mapping[str, Any]]

    @property
    def is_trust(self) -> bool:
        return self.owner.kind == "iam.Role"

    def allows(self, action: str, on: str, told: Told) -> bool:
        return self.effect == "Allow" and self.is_about(action, on, told)

    def is_about(self, action: str, on: str, told: Told) -> bool:
        """The action on the resource, in a request of which this is told; a trust is about its own role."""
        return (
            any(names_action(pattern, action) for pattern in self.actions)
            and (self.is_trust or any(like(pattern, on) for pattern in self.resources))
            and hold(self.conditions, told)
        )

    def names(self, service: str) -> bool:
        return service in self.services or "*" in self.principals


def statements(graph: Graph) -> tuple[Statement, ...]:
    """Of each policy in the graph, in the order of registration; permissions of functions are not among them."""
    return tuple(statement for resource in graph for statement in _statements_of(resource))


def unneeded_wildcards(graph: Graph, *, unscoped: Mapping[str, str]) -> Iterator[str]:
    """One line for each wildcard that is not called for; `unscoped` has the reason of each action allowed on `*`."""
    for found in statements(graph):
        if found.effect != "Allow" or found.owner.type in OF_ITS_KEY:
            continue
        yield from (f"{_where(found)}: {action} has a wildcard" for action in sorted(found.actions) if "*" in action)
        if "*" in found.resources:
            yield from (f"{_where(found)}: {action} on *" for action in sorted(found.actions - unscoped.keys()))
        if "*" in found.principals and not found.conditions:
            yield f"{_where(found)}: anybody may"


def confused_deputies(graph: Graph, *, unconditioned: Mapping[str, str]) -> Iterator[str]:
    """One line for each statement that lets a service act for another account.

    `unconditioned` has the reason of each action that AWS tells no source of. Lambda, Step Functions and API Gateway's
    logging are asked for nothing in a role's trust: who passes them the role is of its account and may pass it, and
    Lambda sends no source when it assumes one.
    """
    for found in statements(graph):
        named = {key.lower() for operator in found.conditions.values() for key in operator}
        excused = WITHOUT_SOURCE if found.is_trust else frozenset()
        for service in sorted(found.services - excused):
            if found.effect == "Allow" and not named & SOURCES and found.actions - unconditioned.keys():
                yield f"{_where(found)}: {service} may act for any account"
    for permission in graph.of("lambda.Permission").values():
        if not permission.inputs.keys() & {"sourceArn", "sourceAccount"}:
            yield f"lambda.Permission {permission.name}: {permission.inputs['principal']} may act for any account"


def too_large(graph: Graph) -> Iterator[str]:
    roles: dict[str, int] = {}
    for resource, document, subject in _documents(graph):
        size = len(re.sub(r"\s", "", document))
        if resource.kind == "iam.RolePolicy":
            roles[subject] = roles.get(subject, 0) + size
        else:
            longest = TRUST_CHARACTERS if resource.kind == "iam.Role" else RESOURCE_POLICY_CHARACTERS
            if size > longest:
                yield f"{resource.kind} {resource.name}: {size} characters; allowed are {longest}"
    for role, size in roles.items():
        if size > ROLE_POLICIES_CHARACTERS:
            yield f"role {role}: its policies have {size} characters; allowed are {ROLE_POLICIES_CHARACTERS}"


def documents(graph: Graph) -> Iterator[tuple[str, str]]:
    """What a policy linter reads: where each policy is, and its text; trusts are not among them."""
    for resource, document, _ in _documents(graph):
        if resource.kind != "iam.Role":
            yield f"{resource.kind} {resource.name}", document


def _documents(graph: Graph) -> Iterator[tuple[Resource, str, str]]:
    for resource in graph:
        place = DOCUMENTS.get(resource.type)
        if place and isinstance(resource.inputs.get(place[0]), str):
            yield resource, resource.inputs[place[0]], str(resource.state.get(place[1], ""))


def _statements_of(resource: Resource) -> Iterator[Statement]:
    place = DOCUMENTS.get(resource.type)
    if place is None or not isinstance(resource.inputs.get(place[0]), str):
        return
    document = json.loads(resource.inputs[place[0]])
    for written in listed(document.get("Statement", [])):
        yield Statement(
            owner=resource,
            subject=str(resource.state.get(place[1], "")),
            effect=written["Effect"],
            principals=frozenset(_principals(written.get("Principal", {}))),
            services=_services(written.get("Principal", {})),
            actions=frozenset(listed(written.get("Action", []))),
            resources=frozenset(listed(written.get("Resource", []))),
            conditions=written.get("Condition", {}),
        )


def _principals(written: Any) -> Iterator[str]:  # noqa: ANN401 JSON
    if isinstance(written, str):
        yield written
    else:
        for names in written.values():
            yield from listed(names)


def _services(written: Any) -> frozenset[str]:  # noqa: ANN401 JSON
    return frozenset() if isinstance(written, str) else frozenset(listed(written.get("Service", [])))


def _where(found: Statement) -> str:
    return f"{found.owner.kind} {found.owner.name}"
