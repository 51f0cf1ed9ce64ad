"""A graph as Azure would see it: what an identifier means, who may do what, and what exists before what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tests.graph import Graph, Resource

ASSIGNMENTS = ("authorization.RoleAssignment", "cosmosdb.SqlResourceSqlRoleAssignment")


@dataclass(frozen=True, kw_only=True)
class Grant:
    """`role` is the last part of its definition's identifier; `on` the scope."""

    made: Resource
    role: str
    principal: str
    on: str


class Landscape:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def of(self, *kinds: str) -> Iterator[Resource]:
        """As `servicebus.Queue`."""
        return (found for found in self.graph if found.kind in kinds and found.type.startswith("azure-native:"))

    @cached_property
    def grants(self) -> tuple[Grant, ...]:
        return tuple(
            Grant(
                made=made,
                role=last_part(made.inputs["roleDefinitionId"]),
                principal=made.inputs["principalId"],
                on=made.inputs["scope"],
            )
            for made in self.of(*ASSIGNMENTS)
        )

    def granted(self, role: str, *, on: object, to: object) -> Grant | None:
        return next((found for found in self.grants if (found.role, found.on, found.principal) == (role, on, to)), None)

    def waits_for(self, resource: Resource, role: str, *, on: object, to: object) -> bool:
        """Whether it is not begun before the one has the role."""
        grant = self.granted(role, on=on, to=to)
        return grant is not None and self.graph.comes_after(resource, grant.made)

    def at(self, identifier: object) -> Resource | None:
        return next((found for found in self.graph if found.id == identifier), None)

    def named(self, kind: str, name: str, value: object) -> Resource | None:
        """By one of its inputs."""
        return next((found for found in self.of(kind) if found.inputs.get(name) == value), None)

    def principal(self, app: Resource) -> str:
        """As whom it acts; empty if that is nobody, or more than one."""
        identity = self._identity(app)
        return str(identity.state["principalId"]) if identity else ""

    def client(self, app: Resource) -> str:
        identity = self._identity(app)
        return str(identity.state["clientId"]) if identity else ""

    def by_principal(self, principal: str) -> Resource | None:
        identities = self.of("managedidentity.UserAssignedIdentity")
        return next((found for found in identities if found.state["principalId"] == principal), None)

    def _identity(self, app: Resource) -> Resource | None:
        assigned = app.inputs.get("identity", {}).get("userAssignedIdentities", ())
        return self.at(next(iter(assigned))) if len(assigned) == 1 else None


def last_part(identifier: object) -> str:
    return str(identifier).rpartition("/")[2]


def settings(app: Resource) -> Mapping[str, str]:
    return {each["name"]: each["value"] for each in app.inputs.get("siteConfig", {}).get("appSettings", ())}


def callers(app: Resource) -> frozenset[str]:
    """The principals whom it lets call it over HTTP."""
    return frozenset(settings(app).get("ORDERLY_CALLERS", "").split(",")) - {""}
