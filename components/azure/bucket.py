"""A container in a storage account of its own: nobody has a key, and what is overwritten in it is kept a month.

Whoever writes may do that and nothing else, by a role of ours: Azure's own for writing reads and deletes as well.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components import bucket
from components.azure._identity import ManagedIdentity
from components.azure._names import guid
from components.azure._storage import address, after_creation, delete_after, make_account, make_container
from components.azure._subscription import Subscription
from components.behind import behind
from components.bucket import BucketArgs
from components.foundation import Foundation
from components.group import Transform
from components.identity import Grant, Identity, Verb
from functions.environment import Variable

OLD_VERSIONS_KEPT = timedelta(days=30)
DELETED_KEPT = timedelta(days=7)
WRITE = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"


class Bucket(bucket.Bucket):
    CHILDREN = ("account", "versions", "old-versions", "container", "role", "writer")

    def __init__(
        self,
        name: str,
        *,
        args: BucketArgs,
        foundation: Foundation,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, foundation=foundation, transform=transform, opts=opts)
        self._subscription = behind(foundation, Subscription)
        kept = pulumi.ResourceOptions(protect=args.deletion_protection)
        account = make_account(f"{name}-bucket", subscription=self._subscription, opts=self._child("account", kept))
        self._keep_versions(account)
        self._container = make_container(
            name,
            called=name,
            account=account,
            subscription=self._subscription,
            opts=self._child("container", kept),
        )
        self._role = self._make_role()
        self.variables = {Variable.BUCKET: address(account, self._container)}
        self.register_outputs({})

    def grant_write(self, identity: Identity) -> Grant:
        writer = behind(identity, ManagedIdentity)
        return writer.grant(Verb.WRITE, f"bucket/{self.name}", lambda: (self._let_write(writer),))

    def _let_write(self, writer: ManagedIdentity) -> pulumi.Resource:
        return writer.allow(
            f"{self.name}-{writer.name}-writer",
            role=self._role.id,
            on=self._container.id,
            opts=self._child("writer"),
        )

    def _make_role(self) -> azure.authorization.RoleDefinition:
        group = self._subscription.group.id
        return azure.authorization.RoleDefinition(
            f"{self.name}-write",
            role_definition_id=group.apply(lambda found: guid(found, self.name, WRITE)),
            # A role's name is the whole tenant's.
            role_name=pulumi.Output.concat("Order system: write ", self._subscription.group.name, " ", self.name),
            description="Write blobs, and neither read nor delete them",
            role_type="CustomRole",
            scope=group,
            assignable_scopes=[group],
            permissions=[azure.authorization.PermissionArgs(data_actions=[WRITE])],
            opts=self._child("role"),
        )

    def _keep_versions(self, account: azure.storage.StorageAccount) -> None:
        azure.storage.BlobServiceProperties(
            self.name,
            resource_group_name=self._subscription.group_name,
            account_name=account.name,
            blob_services_name="default",
            is_versioning_enabled=True,
            delete_retention_policy=azure.storage.DeleteRetentionPolicyArgs(enabled=True, days=DELETED_KEPT.days),
            container_delete_retention_policy=azure.storage.DeleteRetentionPolicyArgs(
                enabled=True, days=DELETED_KEPT.days
            ),
            opts=self._child("versions"),
        )
        delete_after(
            self.name,
            account=account,
            subscription=self._subscription,
            rule=azure.storage.ManagementPolicyActionArgs(
                version=azure.storage.ManagementPolicyVersionArgs(delete=after_creation(OLD_VERSIONS_KEPT))
            ),
            opts=self._child("old-versions"),
        )
