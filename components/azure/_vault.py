"""A key vault for the system's secrets, made with the first of them: one that holds nothing would only take a name.

Azure keeps a deleted vault, its name and its secrets, and a vault that was taken back would have secrets that are not
in Pulumi's state. So each system has a vault of another name, and a deleted one is in nobody's way.
"""

from __future__ import annotations

from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components.azure._subscription import Subscription

KEPT_AFTER_DELETION = timedelta(days=7)
"""Azure's least."""
NAME = ["vaultName"]
"""A preview that changes anything of the insights does not know their id, and would plan another vault."""


class Vault:
    def __init__(self, name: str, *, subscription: Subscription, opts: pulumi.ResourceOptions) -> None:
        self._name, self._subscription, self._opts = name, subscription, opts
        self._made: azure.keyvault.Vault | None = None

    @property
    def made(self) -> azure.keyvault.Vault:
        if self._made is None:
            self._made = self._make()
        return self._made

    def _make(self) -> azure.keyvault.Vault:
        config, is_protected = self._subscription.config, self._subscription.is_protected
        return azure.keyvault.Vault(
            self._name,
            resource_group_name=self._subscription.group_name,
            location=config.location,
            vault_name=self._subscription.new_name("vault", self._name),
            properties=azure.keyvault.VaultPropertiesArgs(
                tenant_id=config.tenant_id,
                sku=azure.keyvault.SkuArgs(family=azure.keyvault.SkuFamily.A, name=azure.keyvault.SkuName.STANDARD),
                # By default the SDK asks for access policies, which are the vault's and not a secret's.
                enable_rbac_authorization=True,
                enable_soft_delete=True,
                soft_delete_retention_in_days=KEPT_AFTER_DELETION.days,
                # Once it is on it cannot be turned off, and Azure refuses to be told so.
                enable_purge_protection=True if is_protected else None,
            ),
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(protect=is_protected, ignore_changes=NAME)
            ),
        )
