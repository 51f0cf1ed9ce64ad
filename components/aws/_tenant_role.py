"""The role that orders are reached in: IAM confines each of its sessions to the tenant that the session is tagged with.

A function's own role cannot say who a call is for. So the function assumes this one, tagging the session with the
tenant, and what it asks of the table is signed by that session: a mistake in the code meets a closed door.
"""

from __future__ import annotations

import pulumi

from components.aws._account import Account
from components.aws._policy import Statement
from components.aws._role import Role
from components.aws._table import Table, partitions
from components.group import Child

CHILDREN = ("tenant-role", "tenant-policy")
TAG = "tenant"
OF_THE_TENANT = f"TENANT#${{aws:PrincipalTag/{TAG}}}#*"
"""IAM puts the session's tag in; a tag can hold neither # nor *, so no tenant's name reaches into another's keys."""
ASSUME = ("sts:AssumeRole", "sts:TagSession")
READ = ("dynamodb:GetItem", "dynamodb:Query")
WRITE = ("dynamodb:PutItem",)
"""An order is put whole, in one transaction with its events."""


class TenantRole:
    """Its ARN is known from the start; `finish` makes the role, for everybody who was let in."""

    def __init__(self, name: str, *, account: Account, table: Table, index: str, child: Child) -> None:
        """`index` is the one that a tenant's orders are listed by."""
        self._name, self._account, self._child = f"{name}-tenant", account, child
        self._table, self._index = table, index
        self._let_in: list[Role] = []
        self.arn = pulumi.Output.concat("arn:aws:iam::", account.id, ":role/", account.name("role", self._name))

    def let_in(self, role: Role) -> tuple[pulumi.Resource, ...]:
        """What carries it, as Role.allow says; nothing more for who is in already."""
        if role in self._let_in:
            return ()
        self._let_in.append(role)
        return role.allow(*ASSUME, on=(self.arn,))

    def finish(self) -> None:
        if not self._let_in:
            return
        role = Role(self._name, account=self._account, trust=self._trust(), opts=self._child("tenant-role"))
        role.allow(*READ, *WRITE, on=(self._table.arn,), where=partitions(OF_THE_TENANT))
        role.allow("dynamodb:Query", on=(self._table.index(self._index),), where=partitions(OF_THE_TENANT))
        role.seal(self._child("tenant-policy"))

    def _trust(self) -> Statement:
        """A session has this one tag: without it, it would be nobody's, and another could mean something elsewhere."""
        return Statement(
            actions=ASSUME,
            principal={"AWS": [role.arn for role in self._let_in]},
            where={
                "Null": {f"aws:RequestTag/{TAG}": "false"},
                "ForAllValues:StringEquals": {"aws:TagKeys": [TAG]},
            },
        )
