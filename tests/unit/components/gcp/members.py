"""Who may do what, read off the members of roles that a graph has, by the names of their components."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.graph import Graph, Resource

ON: Mapping[str, str] = {
    "artifactregistry.RepositoryIamMember": "repository",
    "cloudrunv2.ServiceIamMember": "name",
    "projects.IAMMember": "project",
    "pubsub.SubscriptionIAMMember": "subscription",
    "pubsub.TopicIAMMember": "topic",
    "secretmanager.SecretIamMember": "secretId",
    "serviceaccount.IAMMember": "serviceAccountId",
    "storage.BucketIAMMember": "bucket",
}
"""By kind of member, the input that names what the role is on."""
NAMED: Mapping[str, str] = {
    "artifactregistry.Repository": "repositoryId",
    "cloudfunctionsv2.Function": "name",
    "projects.IAMCustomRole": "name",
    "pubsub.Subscription": "name",
    "pubsub.Topic": "name",
    "secretmanager.Secret": "secretId",
    "serviceaccount.Account": "name",
    "storage.Bucket": "name",
}
AGENTS: Mapping[str, str] = {"gcp-sa-pubsub": "Pub/Sub", "gcp-sa-eventarc": "Eventarc", "gcp-sa-workflows": "Workflows"}


@dataclass(frozen=True, kw_only=True)
class May:
    """A role on something, by the names that the program gives them; `only` is a condition's expression."""

    role: str
    on: str
    only: str | None = None


def may(graph: Graph, who: str) -> set[May]:
    """Of an account by its component's name, or of an agent of Google's."""
    return {_may(graph, found) for found in _all(graph) if _who(graph, found.inputs["member"]) == who}


def _all(graph: Graph) -> list[Resource]:
    return [found for kind in ON for found in graph.of(kind).values()]


def _may(graph: Graph, member: Resource) -> May:
    names = _names(graph)
    on, condition = member.inputs[ON[member.kind]], member.inputs.get("condition")
    role = member.inputs["role"]
    return May(
        role=names.get(role, role).removeprefix("roles/"),
        on="project" if member.kind == "projects.IAMMember" else names[on],
        only=condition["expression"] if condition else None,
    )


def _names(graph: Graph) -> dict[str, str]:
    return {found.state[output]: found.name for kind, output in NAMED.items() for found in graph.of(kind).values()}


def _who(graph: Graph, member: str) -> str:
    for domain, agent in AGENTS.items():
        if domain in member:
            return agent
    (account,) = [each for each in graph.of("serviceaccount.Account").values() if each.state["member"] == member]
    return account.name
