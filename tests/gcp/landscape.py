"""A graph as Google Cloud would see it: what a reference means, who may do what, and what exists before what."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.graph import Graph, Resource

MEMBERS = ("IAMMember", "IamMember")
SUBJECTS: Mapping[str, str] = {
    "pubsub.TopicIAMMember": "topic",
    "pubsub.SubscriptionIAMMember": "subscription",
    "storage.BucketIAMMember": "bucket",
    "cloudrunv2.ServiceIamMember": "name",
    "secretmanager.SecretIamMember": "secretId",
    "artifactregistry.RepositoryIamMember": "repository",
    "serviceaccount.IAMMember": "serviceAccountId",
    "projects.IAMMember": "project",
}
"""By kind of member, the input that names what the role is granted on."""


@dataclass(frozen=True, kw_only=True)
class Grant:
    """`on` is the last part of the name of what the role is granted on: what its kind of member asks for."""

    made: Resource
    role: str
    member: str
    on: str
    condition: str | None


class Landscape:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def of(self, *kinds: str) -> Iterator[Resource]:
        """As `pubsub.Topic`."""
        return (found for found in self.graph if found.kind in kinds and found.type.startswith("gcp:"))

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        return tuple(_grant(made, SUBJECTS[made.kind]) for made in self.graph if made.kind in SUBJECTS)

    def granted(self, kind: str, role: str, *, on: object, to: object) -> Grant | None:
        """The grant of a role by a kind of member, to a member or an account's address, if there is one."""
        return next(
            (
                found
                for found in self.grants
                if (found.made.kind, found.role, found.on) == (kind, role, last_part(on))
                and found.member.removeprefix("serviceAccount:") == str(to).removeprefix("serviceAccount:")
            ),
            None,
        )

    def permissions(self, role: str) -> tuple[str, ...]:
        """Of a custom role, `projects/P/roles/R`; none of one of Google's."""
        by_name = {each.state["name"]: each.inputs["permissions"] for each in self.of("projects.IAMCustomRole")}
        return tuple(by_name.get(role, ()))

    def function_at(self, url: object) -> Resource | None:
        """By the address of the service behind it, whatever path follows."""
        for function in self.of("cloudfunctionsv2.Function"):
            uri = function.state["serviceConfig"]["uri"]
            if str(url) == uri or str(url).startswith(f"{uri}/"):
                return function
        return None

    def named(self, kind: str, reference: object) -> Resource | None:
        """By its name, its full name or its identifier."""
        return next(
            (
                found
                for found in self.of(kind)
                if last_part(reference) in (last_part(found.id), found.inputs.get("name"))
            ),
            None,
        )


def last_part(reference: object) -> str:
    """`orders` of projects/p/topics/orders."""
    return str(reference).rpartition("/")[2]


def documents(config: Resource) -> Iterator[dict[str, Any]]:
    """What an API's configuration says in Swagger."""
    for each in config.inputs.get("openapiDocuments", ()):
        yield json.loads(base64.b64decode(each["document"]["contents"]))


def email(account: object) -> str:
    """Of `projects/p/serviceAccounts/a@b`."""
    return last_part(account or "")


def account_of(function: Resource) -> str:
    """As which it acts; empty for the project's default account."""
    return str(function.inputs.get("serviceConfig", {}).get("serviceAccountEmail", ""))


def variables(function: Resource) -> Mapping[str, Any]:
    found: Mapping[str, Any] = function.inputs.get("serviceConfig", {}).get("environmentVariables", {})
    return found


def _grant(made: Resource, subject: str) -> Grant:
    return Grant(
        made=made,
        role=made.inputs["role"],
        member=made.inputs["member"],
        on=last_part(made.inputs[subject]),
        condition=made.inputs.get("condition", {}).get("expression"),
    )
