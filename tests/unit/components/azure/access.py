"""Who may do what, read off the role assignments that a graph has, by the names of their components."""

from __future__ import annotations

from dataclasses import dataclass

from components.azure._roles import Role
from tests.graph import Graph, Resource

ASSIGNED = ("authorization.RoleAssignment", "cosmosdb.SqlResourceSqlRoleAssignment")


@dataclass(frozen=True, kw_only=True)
class May:
    """A role on something, by the names that Azure, or the program, gives them."""

    role: str
    on: str


def may(graph: Graph, who: str) -> set[May]:
    """Of an identity by its component's name, or of the bus `Event Grid`."""
    return {_may(graph, found) for kind in ASSIGNED for found in graph.of(kind).values() if _who(graph, found) == who}


def _may(graph: Graph, assigned: Resource) -> May:
    return May(role=_role(graph, assigned.inputs["roleDefinitionId"]), on=_place(graph, assigned.inputs["scope"]))


def _role(graph: Graph, definition: str) -> str:
    ours = (
        *graph.of("cosmosdb.SqlResourceSqlRoleDefinition").values(),
        *graph.of("authorization.RoleDefinition").values(),
    )
    named = {found.id: found.name for found in ours}
    return named.get(definition) or Role(definition.rpartition("/")[2]).name


def _place(graph: Graph, scope: str) -> str:
    """As `servicebus.Queue/fulfilment`; for data of Cosmos DB the path in the account."""
    data = scope.partition("/databaseAccounts/")[2].partition("/")[2]
    if data:
        return f"/{data}"
    (found,) = [each for each in graph if each.id == scope]
    return f"{found.kind}/{found.name}"


def _who(graph: Graph, assigned: Resource) -> str:
    principal = assigned.inputs["principalId"]
    for found in graph.of("managedidentity.UserAssignedIdentity").values():
        if found.state["principalId"] == principal:
            return found.name
    (_,) = [each for each in graph.of("eventgrid.Topic").values() if each.state["identity"]["principalId"] == principal]
    return "Event Grid"
