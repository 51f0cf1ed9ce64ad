"""What every component on Azure shares: subscription, location and resource group, names, logs, and what is watched."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi
import pulumi_azure_native as azure

from components.azure._alarms import Alarm
from components.azure._messaging import Namespace
from components.azure._names import name_in
from components.azure._roles import Role
from components.azure_blocks import AzureConfig


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """`config` is the stack file's block `azure`; components say by `watch` what an alarm has to be raised for."""

    config: AzureConfig
    group: azure.resources.ResourceGroup
    workspace: azure.operationalinsights.Workspace
    insights: azure.applicationinsights.Component
    namespace: Namespace
    is_protected: bool
    alarms: list[Alarm] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.config.subscription

    @property
    def location(self) -> str:
        return self.config.location

    @property
    def group_name(self) -> pulumi.Output[str]:
        return self.group.name

    def name(self, kind: str, component: str) -> str:
        """The physical name of a thing of this kind; two things of one kind need two names."""
        return name_in(self.config, kind, component)

    def new_name(self, kind: str, component: str) -> pulumi.Output[str]:
        """Another one for a system that is made again: it goes by an id that Azure gave to this system's insights."""
        return self.insights.app_id.apply(lambda app_id: name_in(self.config, kind, component, of=app_id))

    def role(self, role: Role) -> str:
        """The full id of one of Azure's own roles."""
        return f"/subscriptions/{self.id}/providers/Microsoft.Authorization/roleDefinitions/{role}"

    def watch(self, *alarms: Alarm) -> None:
        self.alarms.extend(alarms)
