"""What the provider of Azure makes anew when it changes, and what it tries to change in place and Azure refuses.

Of the inputs that a system of ours says or might. Read by hand in the provider's source (`forceNewMap`); what the API's
own x-ms-mutability adds to it, as most locations here, and what Azure refuses is from memory, compared with nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from tests.azure.limits import NAMED
from tests.engine.simulated.cloud import Found
from tests.sdk import input_names

IN_PATHS = frozenset(
    {
        "resourceGroupName",
        "accountName",
        "apiId",
        "databaseName",
        "namespaceName",
        "operationId",
        "policyId",
        "resourceProviderNamespace",
        "parentResourcePath",
        "resourceType",
        "schedulerName",
        "scope",
        "serviceName",
        "subscriptionName",
        "topicName",
        "vaultName",
    }
)
"""Of whatever has them, besides a resource's own name: they say where it is."""
BY_ITS_NAME_ALONE = frozenset(
    {
        "azure-native:web:WebApp",
        "azure-native:web:AppServicePlan",
        "azure-native:web:WebAppAuthSettingsV2",
        "azure-native:web:WebAppScmAllowed",
        "azure-native:web:WebAppFtpAllowed",
    }
)
"""What has its name, or its app's, in `name`."""

_QUEUE = frozenset({"requiresDuplicateDetection", "requiresSession", "enablePartitioning"})
IMMUTABLE: Mapping[str, frozenset[str]] = {
    "azure-native:resources:ResourceGroup": frozenset({"location"}),
    "azure-native:authorization:RoleAssignment": frozenset({"principalId"}),
    "azure-native:cosmosdb:SqlResourceSqlRoleAssignment": frozenset({"principalId"}),
    "azure-native:servicebus:Queue": _QUEUE,
    "azure-native:servicebus:Topic": _QUEUE,
    "azure-native:servicebus:Namespace": frozenset({"location"}),
    "azure-native:storage:StorageAccount": frozenset({"isHnsEnabled", "location"}),
    "azure-native:managedidentity:UserAssignedIdentity": frozenset({"location"}),
    "azure-native:web:WebApp": frozenset({"location", "kind", "reserved", "isXenon", "hyperV"}),
    "azure-native:web:AppServicePlan": frozenset({"location", "reserved", "isXenon", "hyperV"}),
    "azure-native:eventgrid:Topic": frozenset({"location"}),
    "azure-native:operationalinsights:Workspace": frozenset({"location"}),
    "azure-native:applicationinsights:Component": frozenset({"location"}),
    "azure-native:monitor:MetricAlert": frozenset({"location"}),
    "azure-native:monitor:ScheduledQueryRule": frozenset({"location", "scopes"}),
    "azure-native:durabletask:Scheduler": frozenset({"location"}),
}
"""By type, besides what says where it is."""


def immutable(type_token: str) -> frozenset[str]:
    paths = (IN_PATHS | {NAMED.get(type_token, "")}) & input_names(type_token)
    named = frozenset({"name"}) if type_token in BY_ITS_NAME_ALONE else frozenset()
    return paths | named | IMMUTABLE.get(type_token, frozenset())


def deletes_first(_: str, __: Collection[str]) -> bool:
    """Whatever has a name that was given: the new one would have the name, or the place, of the old one."""
    return True


Part = Callable[[Mapping[str, Any]], Any]


def _at(*path: str) -> Part:
    """What is there, however deep; None where nothing is."""

    def part(inputs: Mapping[str, Any]) -> Any:  # noqa: ANN401 JSON
        found: Any = inputs
        for name in path:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found

    return part


def _is_consumption(inputs: Mapping[str, Any]) -> bool:
    return bool(inputs["sku"]["name"] == "Consumption")


def _is_serverless(inputs: Mapping[str, Any]) -> bool:
    return {"name": "EnableServerless"} in inputs.get("capabilities", ())


def _regions(inputs: Mapping[str, Any]) -> list[str]:
    return sorted(each["locationName"] for each in inputs["locations"])


REFUSED: Mapping[str, Mapping[str, Part]] = {
    "azure-native:cosmosdb:DatabaseAccount": {
        "the kind": _at("kind"),
        "the offer": _at("databaseAccountOfferType"),
        "being serverless": _is_serverless,
        "the only region": _regions,
    },
    "azure-native:cosmosdb:SqlResourceSqlContainer": {
        "the partition key": _at("resource", "partitionKey"),
        "the unique keys": _at("resource", "uniqueKeyPolicy"),
    },
    "azure-native:apimanagement:ApiManagementService": {"the tier, from or to Consumption,": _is_consumption},
    "azure-native:eventgrid:Topic": {"the schema": _at("inputSchema")},
    "azure-native:servicebus:Namespace": {"the tier": _at("sku", "name")},
    "azure-native:servicebus:Subscription": {"requiring sessions": _at("requiresSession")},
    "azure-native:storage:StorageAccount": {"the kind": _at("kind")},
    "azure-native:web:AppServicePlan": {"the tier": _at("sku", "tier")},
    "azure-native:keyvault:Vault": {"the days of soft deletion": _at("properties", "softDeleteRetentionInDays")},
}
"""By type, what cannot change, and how it is found in the inputs."""
SINCE_IT_IS_THERE: Mapping[str, Mapping[str, tuple[Part, object]]] = {
    "azure-native:keyvault:Vault": {"purge protection": (_at("properties", "enablePurgeProtection"), True)},
    "azure-native:cosmosdb:DatabaseAccount": {"continuous backup": (_at("backupPolicy", "type"), "Continuous")},
}
"""By type, what cannot be told to end, and how it is said to be on. What says nothing leaves it as it is."""


def refused_changes(type_token: str, before: Found, inputs: Mapping[str, Any]) -> list[str]:
    """Of an update in place, each part that Azure does not change."""
    location = {"the location": _at("location")} if "location" in before.inputs else {}
    parts = {**location, **REFUSED.get(type_token, {})}
    changed = [what for what, part in parts.items() if part(before.inputs) != part(inputs)]
    ended = [
        what
        for what, (part, is_on) in SINCE_IT_IS_THERE.get(type_token, {}).items()
        if part(before.inputs) == is_on and part(inputs) not in (is_on, None)
    ]
    return changed + ended
