"""Who may do what with a database: roles of our own for its data, assigned on the database or on one container.

Cosmos DB has a model of roles of its own for data, beside Azure's. Its built-in role for writing also deletes; ours
cannot, because nothing in a system does: an item goes when it has expired. A role is assigned to one identity after the
other, because Cosmos DB changes an account one thing at a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import pulumi
import pulumi_azure_native as azure

from components.azure._identity import ManagedIdentity
from components.azure._names import guid
from components.azure._subscription import Subscription
from components.group import Child

CHILDREN = ("role", "member")
ACCOUNTS = "Microsoft.DocumentDB/databaseAccounts"
CONTAINERS = f"{ACCOUNTS}/sqlDatabases/containers"
METADATA = f"{ACCOUNTS}/readMetadata"
"""What any client reads first: where the data is."""


class Access(StrEnum):
    READ = "read"
    WRITE = "write"
    GUARD = "guard"
    FOLLOW = "follow"
    LEASE = "lease"


ACTIONS: Mapping[Access, tuple[str, ...]] = {
    Access.READ: (METADATA, f"{CONTAINERS}/items/read", f"{CONTAINERS}/executeQuery"),
    Access.WRITE: (
        METADATA,
        f"{CONTAINERS}/items/read",
        f"{CONTAINERS}/items/create",
        f"{CONTAINERS}/items/replace",
        f"{CONTAINERS}/executeQuery",
    ),
    Access.GUARD: (
        METADATA,
        f"{CONTAINERS}/items/read",
        f"{CONTAINERS}/items/create",
        f"{CONTAINERS}/items/replace",
    ),
    Access.FOLLOW: (METADATA, f"{CONTAINERS}/readChangeFeed", f"{CONTAINERS}/items/read", f"{CONTAINERS}/executeQuery"),
    Access.LEASE: (
        METADATA,
        f"{CONTAINERS}/items/read",
        f"{CONTAINERS}/items/create",
        f"{CONTAINERS}/items/replace",
        f"{CONTAINERS}/items/upsert",
        f"{CONTAINERS}/items/delete",
        f"{CONTAINERS}/executeQuery",
    ),
}
"""Whoever writes reads what that depends on, several items by a query. A lease is given up by deleting it."""


class Store:
    def __init__(
        self,
        name: str,
        *,
        account: azure.cosmosdb.DatabaseAccount,
        database: str,
        after: pulumi.Resource,
        subscription: Subscription,
        child: Child,
    ) -> None:
        """`after` is the last thing that was made in the account."""
        self._name, self._account, self._database = name, account, database
        self._last, self._subscription, self._child = after, subscription, child
        self._roles = {access: self._role(access) for access in Access}

    def allow(self, access: Access, identity: ManagedIdentity, *, container: str | None = None) -> pulumi.Resource:
        """On all of the database unless a container is named."""
        place = f"/dbs/{self._database}" + (f"/colls/{container}" if container else "")
        role, scope = self._roles[access], pulumi.Output.concat(self._account.id, place)
        assigned = azure.cosmosdb.SqlResourceSqlRoleAssignment(
            "-".join(filter(None, (self._name, identity.name, container, access))),
            resource_group_name=self._subscription.group_name,
            account_name=self._account.name,
            role_assignment_id=pulumi.Output.all(scope, identity.principal_id, role.id).apply(
                lambda found: guid(*found)
            ),
            principal_id=identity.principal_id,
            role_definition_id=role.id,
            scope=scope,
            opts=self._next("member"),
        )
        self._last = assigned
        return assigned

    def _role(self, access: Access) -> azure.cosmosdb.SqlResourceSqlRoleDefinition:
        role = azure.cosmosdb.SqlResourceSqlRoleDefinition(
            f"{self._name}-{access}",
            resource_group_name=self._subscription.group_name,
            account_name=self._account.name,
            role_definition_id=self._account.id.apply(lambda account: guid(account, access)),
            role_name=f"Order system: {self._name}-{access}",
            type=azure.cosmosdb.RoleDefinitionType.CUSTOM_ROLE,
            assignable_scopes=[self._account.id],
            permissions=[azure.cosmosdb.PermissionArgs(data_actions=list(ACTIONS[access]))],
            opts=self._next("role"),
        )
        self._last = role
        return role

    def _next(self, kind: str) -> pulumi.ResourceOptions:
        return self._child(kind, pulumi.ResourceOptions(depends_on=[self._last]))
