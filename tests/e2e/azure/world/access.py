"""Roles: what an identity may do by the assignments that were recorded, on a resource or on what it is a part of.

It knows the actions that the world asks for, of each of Azure's own roles that the system grants. Those roles and
actions are as learn.microsoft.com/azure/role-based-access-control/built-in-roles lists them, written from memory. What
it leaves out: denials, conditions, management groups, and the minutes until an assignment is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.e2e.world.records import Record, Records, last_part

SEND = "Microsoft.ServiceBus/namespaces/messages/send/action"
RECEIVE = "Microsoft.ServiceBus/namespaces/messages/receive/action"
PUBLISH = "Microsoft.EventGrid/events/send/action"
READ_SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"  # noqa: S105 an action
_BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
READ_BLOB, WRITE_BLOB = f"{_BLOBS}/read", f"{_BLOBS}/write"
USE_QUEUES = "Microsoft.Storage/storageAccounts/queueServices/queues/messages/write"
USE_TABLES = "Microsoft.Storage/storageAccounts/tableServices/tables/entities/write"
_COSMOS = "Microsoft.DocumentDB/databaseAccounts"
READ_METADATA = f"{_COSMOS}/readMetadata"
_ITEMS = f"{_COSMOS}/sqlDatabases/containers"
READ_FEED, QUERY = f"{_ITEMS}/readChangeFeed", f"{_ITEMS}/executeQuery"
READ_ITEM, CREATE_ITEM = f"{_ITEMS}/items/read", f"{_ITEMS}/items/create"
REPLACE_ITEM, DELETE_ITEM = f"{_ITEMS}/items/replace", f"{_ITEMS}/items/delete"

ROLES: Mapping[str, frozenset[str]] = {
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": frozenset({f"{_BLOBS}/*"}),
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": frozenset({READ_BLOB, WRITE_BLOB, f"{_BLOBS}/delete"}),
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": frozenset({USE_QUEUES}),
    "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": frozenset({USE_TABLES}),
    "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39": frozenset({SEND}),
    "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0": frozenset({RECEIVE}),
    "d5a91429-5739-47e2-a06b-3470a27159e7": frozenset({PUBLISH}),
    "4633458b-17de-408a-b874-0445c86b69e6": frozenset({READ_SECRET}),
    "3913510d-42f4-4e42-8a64-420c390055eb": frozenset(),
}
"""Each of Azure's own that the system grants, with what of it the world asks for; the last one lets metrics be sent."""
KINDS: Mapping[str, str] = {
    "authorization.RoleAssignment": "",
    "cosmosdb.SqlResourceSqlRoleAssignment": f"{_COSMOS}/",
}
"""What kinds of assignment there are, and what begins the actions that only the second has."""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    principal: str
    action: str
    on: str


@dataclass
class Access:
    """`refused` are all that were asked for in vain."""

    records: Records
    refused: list[Refusal] = field(default_factory=list)
    _denied: set[tuple[str, str]] = field(default_factory=set)

    def allows(self, principal: str, action: str, *, on: str) -> bool:
        """`principal` is an object id; `on` the identifier of the resource, or for data of Cosmos DB its scope."""
        is_denied = (principal, action) in self._denied
        is_allowed = not is_denied and any(self._gives(each, principal, action, on) for each in self._assignments())
        if not is_allowed:
            self.refused.append(Refusal(principal=principal, action=action, on=on))
        return is_allowed

    def assignments(self, principal: str, action: str) -> list[Record]:
        """Those that let the identity do this to something."""
        return [
            each
            for each in self._assignments()
            if each["principalId"] == principal and self._gives(each, principal, action, each["scope"])
        ]

    def allows_within(self, principal: str, action: str, *, account: str) -> bool:
        """On anything of the account."""
        return any(
            _is_within(each["scope"], account) and self.allows(principal, action, on=each["scope"])
            for each in self.assignments(principal, action)
        )

    @contextmanager
    def denied(self, principal: str, action: str) -> Iterator[None]:
        """Meanwhile the identity may not do this to anything."""
        self._denied.add((principal, action))
        try:
            yield
        finally:
            self._denied.discard((principal, action))

    def _assignments(self) -> Iterator[Record]:
        for kind in KINDS:
            yield from self.records.of(kind)

    def _gives(self, assignment: Record, principal: str, action: str, on: str) -> bool:
        if assignment["principalId"] != principal or not _is_within(on, assignment["scope"]):
            return False
        if action.startswith(f"{_COSMOS}/") != bool(KINDS[assignment.kind]):
            return False
        return any(fnmatchcase(action, allowed) for allowed in self._actions(assignment["roleDefinitionId"]))

    def _actions(self, role: str) -> frozenset[str]:
        """NotImplementedError for a role that nobody has looked up: it may allow anything."""
        kind = (
            "cosmosdb.SqlResourceSqlRoleDefinition"
            if "/sqlRoleDefinitions/" in role
            else "authorization.RoleDefinition"
        )
        for made in self.records.of(kind):
            if last_part(made.id) == last_part(role):
                return frozenset(action for each in made["permissions"] for action in each["dataActions"])
        if last_part(role) not in ROLES:
            raise NotImplementedError(f"a role whose actions the tests do not know: {role}")
        return ROLES[last_part(role)]


def _is_within(resource: str, scope: str) -> bool:
    return f"{resource}/".lower().startswith(f"{scope.rstrip('/')}/".lower())
