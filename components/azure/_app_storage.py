"""The storage account that an app starts from: its package, the locks of its host and, of a workflow, its runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure._identity import ManagedIdentity
from components.azure._roles import Role
from components.azure._storage import address, make_account, make_container
from components.azure._subscription import Subscription
from components.group import Child

CHILDREN = ("storage", "package-container", "storage-role")
PACKAGES = "packages"
HOST_ROLE = Role.BLOB_DATA_OWNER
"""What the Functions host needs of the account that it starts from (learn.microsoft.com/azure/azure-functions
/functions-reference, connecting to host storage with an identity)."""


@dataclass(frozen=True, kw_only=True)
class AppStorage:
    account: azure.storage.StorageAccount
    packages: pulumi.Output[str]
    """The address of the container that the platform keeps the app's package in."""
    granted: tuple[pulumi.Resource, ...]
    """What has to exist before the app does."""


def make_app_storage(
    name: str, *, identity: ManagedIdentity, roles: Sequence[Role], subscription: Subscription, child: Child
) -> AppStorage:
    """`roles` are those that the app needs on the account besides its host's, for what it keeps there of its own."""
    is_protected = bool(roles) and subscription.is_protected
    account = make_account(
        f"{name}-app",
        subscription=subscription,
        opts=child("storage", pulumi.ResourceOptions(protect=is_protected)),
    )
    container = make_container(
        f"{name}-packages",
        called=PACKAGES,
        account=account,
        subscription=subscription,
        opts=child("package-container"),
    )
    granted = [
        identity.allow(
            f"{name}-storage-{role.name.lower().replace('_', '-')}",
            role=role,
            on=account.id,
            opts=child("storage-role"),
        )
        for role in (HOST_ROLE, *roles)
    ]
    return AppStorage(account=account, packages=address(account, container), granted=(container, *granted))
