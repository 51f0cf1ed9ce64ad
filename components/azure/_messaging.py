"""Service Bus as every component uses it: one namespace without keys, and its queues, named as their components are.

Standard is the least tier that has topics. Names in a namespace are nobody else's, so they need no digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pulumi
import pulumi_azure_native as azure

from components.azure._names import name_in
from components.azure_blocks import AzureConfig
from components.group import Child

CHILDREN = ("namespace",)
ADDRESS = "SERVICE_BUS__fullyQualifiedNamespace"
"""The setting that the connection `SERVICE_BUS` of a trigger finds the namespace by."""
METRICS = "microsoft.servicebus/namespaces"
REMEMBERED = timedelta(minutes=10)
"""So long a message's id is known; whoever sent it has stopped trying by then."""


@dataclass(frozen=True, kw_only=True)
class Namespace:
    made: azure.servicebus.Namespace
    host: pulumi.Output[str]
    """As in `orderly.servicebus.windows.net`."""


def make_namespace(name: str, *, config: AzureConfig, group: azure.resources.ResourceGroup, child: Child) -> Namespace:
    made = azure.servicebus.Namespace(
        name,
        resource_group_name=group.name,
        location=config.location,
        namespace_name=name_in(config, "service_bus", name),
        sku=azure.servicebus.SBSkuArgs(name=azure.servicebus.SkuName.STANDARD, tier=azure.servicebus.SkuTier.STANDARD),
        disable_local_auth=True,
        minimum_tls_version=azure.servicebus.TlsVersion.TLS_VERSION_1_2,
        opts=child("namespace"),
    )
    return Namespace(made=made, host=pulumi.Output.concat(made.name, ".servicebus.windows.net"))


def duration(time: timedelta) -> str:
    """As ISO 8601 writes it, in one unit."""
    seconds = int(time.total_seconds())
    return f"PT{seconds}S" if seconds % 86_400 else f"P{time.days}D"


def sql_filter(where: Mapping[str, Sequence[str]]) -> str:
    """What has, for each application property, one of its values; where nothing is asked, everything passes."""
    parts = [f"{name} IN ({', '.join(_quoted(value) for value in values)})" for name, values in sorted(where.items())]
    return " AND ".join(parts) or "1=1"


def _quoted(value: str) -> str:
    doubled = value.replace("'", "''")
    return f"'{doubled}'"
