"""The provider, bound to one subscription; the resource group of everything; logs; the namespace of Service Bus."""

from __future__ import annotations

import re

import pulumi
import pulumi_azure_native as azure

from components import foundation
from components.azure import _logs, _messaging
from components.azure._logs import make_logs
from components.azure._messaging import make_namespace
from components.azure._names import name_in
from components.azure._subscription import Subscription
from components.azure._vault import Vault
from components.azure_blocks import AzureConfig
from components.errors import WiringError
from components.foundation import FoundationArgs
from components.group import Transform

LONGEST_TAG = 256


class Foundation(foundation.Foundation):
    CHILDREN = ("provider", "resource-group", *_logs.CHILDREN, *_messaging.CHILDREN, "vault")

    def __init__(
        self,
        name: str,
        *,
        args: FoundationArgs,
        transform: Transform | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, args=args, transform=transform, opts=opts)
        block = args.config.azure
        if block is None:
            raise WiringError("a foundation on Azure needs the configuration's block azure; set azure.location")
        self.providers = (self._make_provider(name, block),)
        group = self._make_group(name, block)
        logs = make_logs(name, config=block, group=group, days=self.profile.log_retention_days, child=self._own)
        subscription = Subscription(
            config=block,
            group=group,
            workspace=logs.workspace,
            insights=logs.insights,
            namespace=make_namespace(name, config=block, group=group, child=self._own),
            is_protected=self.profile.deletion_protection,
        )
        self._behind = (subscription, Vault(name, subscription=subscription, opts=self._own("vault")))
        self.outputs = {"resource_group": group.name, "location": block.location}
        self.register_outputs(self.outputs)

    def _make_provider(self, name: str, block: AzureConfig) -> azure.Provider:
        """Bound to the configured subscription whatever the machine's own settings say."""
        return azure.Provider(
            name,
            subscription_id=block.subscription,
            tenant_id=block.tenant_id,
            location=block.location,
            opts=self._child("provider"),
        )

    def _make_group(self, name: str, block: AzureConfig) -> azure.resources.ResourceGroup:
        return azure.resources.ResourceGroup(
            name,
            resource_group_name=name_in(block, "resource_group", name),
            location=block.location,
            tags={
                "orderly-project": _tag(pulumi.get_project()),
                "orderly-stack": _tag(pulumi.get_stack()),
                "orderly-stage": self.config.stage,
            },
            opts=self._own("resource-group"),
        )


def _tag(text: str) -> str:
    """Without what some services do not take in a tag (learn.microsoft.com/azure/azure-resource-manager/management
    /tag-resources)."""
    return re.sub(r"[<>%&\\?/]", "-", text)[:LONGEST_TAG]
