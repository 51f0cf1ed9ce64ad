"""Who may do what with a database: custom roles, granted on the project under the condition that it is this database.

Firestore has no policies of its own on databases, collections or documents. Google's own role for writing also deletes;
ours cannot, because nothing in a system does: a document goes when it has expired, by Firestore itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.gcp._account import Condition, CustomRole, ServiceAccount
from components.gcp._build import Build
from components.gcp._custom_role import custom_role
from components.group import Child
from components.identity import Grant, Verb

CHILDREN = ("role", "member")
GET, LIST = "datastore.entities.get", "datastore.entities.list"
CREATE, UPDATE = "datastore.entities.create", "datastore.entities.update"
PERMISSIONS: Mapping[Verb, tuple[str, ...]] = {
    Verb.READ: (GET, LIST),
    Verb.WRITE: (CREATE, UPDATE),
    Verb.START: (CREATE, GET, UPDATE),
}
"""A query asks for both of reading, a commit for those of its writes; `datastore.databases.get` is of transactions that
are begun, which ours are not (cloud.google.com/firestore/docs/security/iam, permissions by method). Who starts a run
keeps a document that guards it, and looks for no others."""


@dataclass(frozen=True, kw_only=True)
class Store:
    name: str
    path: str
    """`projects/P/databases/D`."""
    roles: Mapping[Verb, CustomRole]
    child: Child

    def grant(self, verb: Verb, account: ServiceAccount) -> Grant:
        return account.grant(verb, f"database/{self.name}", lambda: (self._member(verb, account),))

    def _member(self, verb: Verb, account: ServiceAccount) -> pulumi.Resource:
        return account.allow(
            f"{self.name}-{account.name}-{verb}",
            role=self.roles[verb],
            where=Condition(title=f"database-{self.name}", expression=f'resource.name == "{self.path}"'),
            opts=self.child("member"),
        )


def make_store(name: str, *, path: str, build: Build, child: Child) -> Store:
    roles = {
        verb: custom_role(f"{name}-{verb}", permissions=permissions, build=build, opts=child("role"))
        for verb, permissions in PERMISSIONS.items()
    }
    return Store(name=name, path=path, roles=roles, child=child)
