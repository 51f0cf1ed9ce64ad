"""User-assigned identities: everything that acts in a system has its own, and none may do what was not granted to it.

One of its own goes with a resource, and so comes too late: an app reads its package as its identity when it starts.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure._names import guid
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.identity import Grantee


@dataclass(frozen=True, kw_only=True, eq=False)
class ManagedIdentity(Grantee):
    """An identity. Its grants are role assignments on the resources themselves."""

    subscription: Subscription
    made: azure.managedidentity.UserAssignedIdentity

    @property
    def id(self) -> pulumi.Output[str]:
        return self.made.id

    @property
    def principal_id(self) -> pulumi.Output[str]:
        """Whom a role is granted to, and how a called app knows a caller."""
        return self.made.principal_id

    @property
    def client_id(self) -> pulumi.Output[str]:
        """What an app asks for tokens by, which may have several identities."""
        return self.made.client_id

    def allow(
        self, name: str, *, role: pulumi.Input[str], on: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> azure.authorization.RoleAssignment:
        """`role` is one of Azure's own, or the full id of one of ours; `on` is the id of what it is granted on."""
        return allow(self.principal_id, name, role=role, on=on, subscription=self.subscription, opts=opts)


def managed_identity(name: str, *, subscription: Subscription, opts: pulumi.ResourceOptions) -> ManagedIdentity:
    """`name` is told apart from that of every other identity of the system."""
    made = azure.managedidentity.UserAssignedIdentity(
        name,
        resource_group_name=subscription.group_name,
        location=subscription.location,
        resource_name_=subscription.name("identity", name),
        opts=opts,
    )
    return ManagedIdentity(name=name, subscription=subscription, made=made)


def allow(
    principal_id: pulumi.Input[str],
    name: str,
    *,
    role: pulumi.Input[str],
    on: pulumi.Input[str],
    subscription: Subscription,
    opts: pulumi.ResourceOptions,
) -> azure.authorization.RoleAssignment:
    """Named by whom, what and where, since Azure has room for one assignment of these three, and none can change.

    Told what kind of principal it is, Azure does not look it up where it may not be known yet.
    """
    definition = subscription.role(role) if isinstance(role, Role) else role
    return azure.authorization.RoleAssignment(
        name,
        scope=on,
        principal_id=principal_id,
        principal_type=azure.authorization.PrincipalType.SERVICE_PRINCIPAL,
        role_definition_id=definition,
        role_assignment_name=pulumi.Output.all(on, principal_id, definition).apply(lambda found: guid(*found)),
        opts=opts,
    )
