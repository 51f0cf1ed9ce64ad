"""Storage accounts as every component makes them: nobody has a key, nothing is public, TLS alone.

Each app has one of its own. Its host has to own all blobs of the account that it starts from, and an account that apps
shared would let each of them put another's code in place. An account that is empty costs nothing.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components.azure._subscription import Subscription


def make_account(
    name: str, *, subscription: Subscription, opts: pulumi.ResourceOptions
) -> azure.storage.StorageAccount:
    return azure.storage.StorageAccount(
        name,
        resource_group_name=subscription.group_name,
        location=subscription.location,
        account_name=subscription.name("storage_account", name),
        kind=azure.storage.Kind.STORAGE_V2,
        sku=azure.storage.SkuArgs(name=azure.storage.SkuName.STANDARD_LRS),
        access_tier=azure.storage.AccessTier.HOT,
        allow_shared_key_access=False,
        default_to_o_auth_authentication=True,
        allow_blob_public_access=False,
        allow_cross_tenant_replication=False,
        enable_https_traffic_only=True,
        minimum_tls_version=azure.storage.MinimumTlsVersion.TLS1_2,
        opts=opts,
    )


def make_container(
    name: str,
    *,
    called: str,
    account: azure.storage.StorageAccount,
    subscription: Subscription,
    opts: pulumi.ResourceOptions,
) -> azure.storage.BlobContainer:
    """`called` is its name in the account."""
    return azure.storage.BlobContainer(
        name,
        resource_group_name=subscription.group_name,
        account_name=account.name,
        container_name=called,
        public_access=azure.storage.PublicAccess.NONE,
        opts=opts,
    )


def address(account: azure.storage.StorageAccount, container: azure.storage.BlobContainer) -> pulumi.Output[str]:
    """The container's URL."""
    return pulumi.Output.concat("https://", account.name, ".blob.core.windows.net/", container.name)


def delete_after(
    name: str,
    *,
    account: azure.storage.StorageAccount,
    subscription: Subscription,
    rule: azure.storage.ManagementPolicyActionArgs,
    opts: pulumi.ResourceOptions,
) -> azure.storage.ManagementPolicy:
    """What becomes too old in the account is deleted, by one rule."""
    return azure.storage.ManagementPolicy(
        name,
        resource_group_name=subscription.group_name,
        account_name=account.name,
        management_policy_name="default",
        policy=azure.storage.ManagementPolicySchemaArgs(
            rules=[
                azure.storage.ManagementPolicyRuleArgs(
                    enabled=True,
                    name="old",
                    type=azure.storage.RuleType.LIFECYCLE,
                    definition=azure.storage.ManagementPolicyDefinitionArgs(
                        actions=rule,
                        filters=azure.storage.ManagementPolicyFilterArgs(blob_types=["blockBlob"]),
                    ),
                )
            ]
        ),
        opts=opts,
    )


def after(days: timedelta) -> azure.storage.DateAfterModificationArgs:
    return azure.storage.DateAfterModificationArgs(days_after_modification_greater_than=days.days)


def after_creation(days: timedelta) -> azure.storage.DateAfterCreationArgs:
    return azure.storage.DateAfterCreationArgs(days_after_creation_greater_than=days.days)
