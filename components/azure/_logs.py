"""Where the apps' logs are kept: Application Insights on a Log Analytics workspace, written to by identities alone."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi_azure_native as azure

from components.azure._names import name_in
from components.azure_blocks import AzureConfig
from components.group import Child

CHILDREN = ("workspace", "insights")


@dataclass(frozen=True, kw_only=True)
class Logs:
    workspace: azure.operationalinsights.Workspace
    insights: azure.applicationinsights.Component


def make_logs(name: str, *, config: AzureConfig, group: azure.resources.ResourceGroup, days: int, child: Child) -> Logs:
    workspace = azure.operationalinsights.Workspace(
        name,
        resource_group_name=group.name,
        location=config.location,
        workspace_name=name_in(config, "workspace", name),
        sku=azure.operationalinsights.WorkspaceSkuArgs(name=azure.operationalinsights.WorkspaceSkuNameEnum.PER_GB2018),
        retention_in_days=days,
        features=azure.operationalinsights.WorkspaceFeaturesArgs(disable_local_auth=True),
        opts=child("workspace"),
    )
    insights = azure.applicationinsights.Component(
        name,
        resource_group_name=group.name,
        location=config.location,
        resource_name_=name_in(config, "insights", name),
        kind="web",
        application_type=azure.applicationinsights.ApplicationType.WEB,
        workspace_resource_id=workspace.id,
        ingestion_mode=azure.applicationinsights.IngestionMode.LOG_ANALYTICS,
        # What knows the connection string alone may not write.
        disable_local_auth=True,
        opts=child("insights"),
    )
    return Logs(workspace=workspace, insights=insights)
