"""Where Durable Functions keeps the runs of a workflow."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_azure_native as azure

from components.azure._app import FunctionApp
from components.azure._host import SCHEDULER, TASK_HUB, DurableBackend
from components.azure._roles import Role
from components.azure._subscription import Subscription
from components.group import Child
from components.link import Variables

CHILDREN = ("scheduler", "task-hub", "scheduler-role")
STORAGE_ROLES = (Role.QUEUE_DATA_CONTRIBUTOR, Role.TABLE_DATA_CONTRIBUTOR)
"""What the back end in the app's own storage account needs there."""
ANYWHERE = "0.0.0.0/0"
"""An app has no address of its own; who may is said by roles, and an empty list would keep everybody out."""
STRICT: Variables = {"AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1"}
"""Without it the SDK makes objects of data that looks like one."""


@dataclass(frozen=True, kw_only=True)
class Backend:
    kind: DurableBackend
    settings: Variables
    made: tuple[pulumi.Resource, ...] = ()
    """What has to exist before the app."""


IN_STORAGE = Backend(kind="storage", settings=STRICT)


def in_scheduler(name: str, *, app: FunctionApp, subscription: Subscription, child: Child) -> Backend:
    scheduler = azure.durabletask.Scheduler(
        name,
        resource_group_name=subscription.group_name,
        location=subscription.location,
        scheduler_name=subscription.name("scheduler", name),
        properties=azure.durabletask.SchedulerPropertiesArgs(
            ip_allowlist=[ANYWHERE], sku=azure.durabletask.SchedulerSkuArgs(name="Consumption")
        ),
        opts=child("scheduler", pulumi.ResourceOptions(protect=subscription.is_protected)),
    )
    made = azure.durabletask.TaskHub(
        name,
        resource_group_name=subscription.group_name,
        scheduler_name=scheduler.name,
        task_hub_name=subscription.name("task_hub", name),
        opts=child("task-hub", pulumi.ResourceOptions(protect=subscription.is_protected)),
    )
    granted = app.identity.allow(
        f"{name}-task-hub", role=Role.DURABLE_TASK_DATA_CONTRIBUTOR, on=made.id, opts=child("scheduler-role")
    )
    connection = pulumi.Output.concat(
        "Endpoint=",
        scheduler.properties.apply(_endpoint),
        ";Authentication=ManagedIdentity;ClientID=",
        app.identity.client_id,
    )
    return Backend(
        kind="scheduler", settings={**STRICT, TASK_HUB: made.name, SCHEDULER: connection}, made=(made, granted)
    )


def _endpoint(properties: azure.durabletask.outputs.SchedulerPropertiesResponse) -> str:
    return properties.endpoint
