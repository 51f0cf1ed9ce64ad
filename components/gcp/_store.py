"""Who may do what with a database: custom roles, granted on the project under the condition that it is this database.

Firestore has no policies of its own on databases, collections or documents. Google's own role for writing also deletes;
ours cannot, because nothing in a system does: a document goes when it has expired, by Firestore itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_gcp as gcp

from components.gcp._account import Condition, ServiceAccount
from components.gcp._project import Project
from components.group import Child
from components.identity import Verb

CHILDREN = ("role", "member")
PERMISSIONS: Mapping[Verb, tuple[str, ...]] = {
    Verb.READ: ("datastore.databases.get", "datastore.entities.get", "datastore.entities.list"),
    Verb.WRITE: (
        "datastore.databases.get",
        "datastore.entities.create",
        "datastore.entities.get",
        "datastore.entities.update",
    ),
}
"""`databases.get` is beginning and rolling back a transaction; a transaction that writes reads what it depends on
(cloud.google.com/firestore/docs/security/iam, permissions by method)."""


@dataclass(frozen=True, kw_only=True)
class Store:
    name: str
    project: Project
    path: str
    """`projects/P/databases/D`."""
    roles: Mapping[Verb, gcp.projects.IAMCustomRole]
    child: Child

    def allow(self, verb: Verb, account: ServiceAccount) -> pulumi.Resource:
        return account.allow(
            f"{self.name}-{account.name}-{verb}",
            role=self.roles[verb].name,
            where=Condition(title=f"database-{self.name}", expression=f'resource.name == "{self.path}"'),
            opts=self.child("member"),
        )


def make_store(name: str, *, project: Project, path: str, built_by: ServiceAccount, child: Child) -> Store:
    roles = {
        verb: _role(f"{name}-{verb}", permissions, project, built_by, child)
        for verb, permissions in PERMISSIONS.items()
    }
    return Store(name=name, project=project, path=path, roles=roles, child=child)


def _role(
    name: str, permissions: tuple[str, ...], project: Project, built_by: ServiceAccount, child: Child
) -> gcp.projects.IAMCustomRole:
    """An id that was deleted cannot be had again for 37 days; the build account's number is new with each system."""
    return gcp.projects.IAMCustomRole(
        name,
        project=project.id,
        role_id=pulumi.Output.concat(project.name("custom_role", name), "_", built_by.account.unique_id),
        title=f"Order system: {name}",
        permissions=list(permissions),
        deletion_policy="DELETE",
        opts=child("role", project.ready("iam")),
    )
