"""Rules of Azure that its SDK says in prose or not at all, each with its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from tests.limit import Limit, leaves, misfits_of
from tests.sdk import Problem

DOCS = "learn.microsoft.com/azure"
NAME_RULES = f"{DOCS}/azure-resource-manager/management/resource-name-rules"
FLEX = f"{DOCS}/azure-functions/flex-consumption-plan"
MONITOR = f"{DOCS}/azure-monitor/alerts"
SDK = "pulumi_azure_native's docstrings"
ROLES = f"{DOCS}/role-based-access-control"


def _name(lowest: int, highest: int, pattern: str) -> Limit:
    return Limit(lowest=lowest, highest=highest, pattern=pattern, source=NAME_RULES)


_GUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GUID = Limit(pattern=_GUID_PATTERN, source=ROLES)
_DASHED = r"[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?"
_PART_OF_API = _name(1, 80, _DASHED)
_ALERT = _name(1, 260, r"[^*#&+:<>?@%{}\\/]*[^*#&+:<>?@%{}\\/. ]")
_COSMOS_NAME = _name(1, 255, r"[^/\\#?]*[^/\\#? ]")
_ENTITY = _name(1, 260, r"[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?")
_SITE = _name(2, 60, r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")
_SEVERITY = Limit(allowed=(0, 1, 2, 3, 4), source=f"{MONITOR}/alerts-overview")

NAMED: Mapping[str, str] = {
    "azure-native:resources:ResourceGroup": "resourceGroupName",
    "azure-native:managedidentity:UserAssignedIdentity": "resourceName",
    "azure-native:authorization:RoleAssignment": "roleAssignmentName",
    "azure-native:authorization:RoleDefinition": "roleDefinitionId",
    "azure-native:operationalinsights:Workspace": "workspaceName",
    "azure-native:applicationinsights:Component": "resourceName",
    "azure-native:applicationinsights:Workbook": "resourceName",
    "azure-native:storage:StorageAccount": "accountName",
    "azure-native:storage:BlobContainer": "containerName",
    "azure-native:servicebus:Namespace": "namespaceName",
    "azure-native:servicebus:Queue": "queueName",
    "azure-native:servicebus:Topic": "topicName",
    "azure-native:servicebus:Subscription": "subscriptionName",
    "azure-native:eventgrid:Topic": "topicName",
    "azure-native:eventgrid:EventSubscription": "eventSubscriptionName",
    "azure-native:cosmosdb:DatabaseAccount": "accountName",
    "azure-native:cosmosdb:SqlResourceSqlDatabase": "databaseName",
    "azure-native:cosmosdb:SqlResourceSqlContainer": "containerName",
    "azure-native:cosmosdb:SqlResourceSqlRoleDefinition": "roleDefinitionId",
    "azure-native:cosmosdb:SqlResourceSqlRoleAssignment": "roleAssignmentId",
    "azure-native:keyvault:Vault": "vaultName",
    "azure-native:keyvault:Secret": "secretName",
    "azure-native:web:AppServicePlan": "name",
    "azure-native:web:WebApp": "name",
    "azure-native:durabletask:Scheduler": "schedulerName",
    "azure-native:durabletask:TaskHub": "taskHubName",
    "azure-native:apimanagement:ApiManagementService": "serviceName",
    "azure-native:apimanagement:Api": "apiId",
    "azure-native:apimanagement:ApiOperation": "operationId",
    "azure-native:logic:Workflow": "workflowName",
    "azure-native:monitor:MetricAlert": "ruleName",
    "azure-native:monitor:ScheduledQueryRule": "ruleName",
    "azure-native:monitor:ActionGroup": "actionGroupName",
}
"""By type, the input that is its physical name."""

NAMES: Mapping[str, Limit] = {
    "azure-native:resources:ResourceGroup": _name(1, 90, r"[\w.()-]*[\w()-]"),
    "azure-native:managedidentity:UserAssignedIdentity": _name(3, 128, r"[A-Za-z0-9][A-Za-z0-9_-]*"),
    "azure-native:authorization:RoleAssignment": _GUID,
    "azure-native:authorization:RoleDefinition": _GUID,
    "azure-native:operationalinsights:Workspace": _name(4, 63, r"[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]"),
    "azure-native:applicationinsights:Component": _name(1, 260, r"[^%&\\?/]*[^%&\\?/. ]"),
    "azure-native:applicationinsights:Workbook": _GUID,
    "azure-native:storage:StorageAccount": _name(3, 24, "[a-z0-9]+"),
    "azure-native:storage:BlobContainer": _name(3, 63, "[a-z0-9]+(-[a-z0-9]+)*"),
    "azure-native:servicebus:Namespace": _name(6, 50, r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9](?<!-sb)(?<!-mgmt)"),
    "azure-native:servicebus:Queue": _ENTITY,
    "azure-native:servicebus:Topic": _ENTITY,
    "azure-native:servicebus:Subscription": _name(1, 50, r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"),
    "azure-native:eventgrid:Topic": _name(3, 50, "[A-Za-z0-9-]+"),
    "azure-native:eventgrid:EventSubscription": _name(3, 64, "[A-Za-z0-9-]+"),
    "azure-native:cosmosdb:DatabaseAccount": _name(3, 44, "[a-z0-9]+(-[a-z0-9]+)*"),
    "azure-native:cosmosdb:SqlResourceSqlDatabase": _COSMOS_NAME,
    "azure-native:cosmosdb:SqlResourceSqlContainer": _COSMOS_NAME,
    "azure-native:cosmosdb:SqlResourceSqlRoleDefinition": _GUID,
    "azure-native:cosmosdb:SqlResourceSqlRoleAssignment": _GUID,
    "azure-native:keyvault:Vault": _name(3, 24, r"(?!.*--)[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]"),
    "azure-native:keyvault:Secret": _name(1, 127, "[A-Za-z0-9-]+"),
    "azure-native:web:AppServicePlan": _name(1, 60, r"[A-Za-z0-9-]+"),
    "azure-native:web:WebApp": _SITE,
    "azure-native:durabletask:Scheduler": _name(3, 64, "[A-Za-z0-9-]+"),
    "azure-native:durabletask:TaskHub": _name(3, 64, "[A-Za-z0-9-]+"),
    "azure-native:apimanagement:ApiManagementService": _name(1, 50, _DASHED),
    "azure-native:apimanagement:Api": _PART_OF_API,
    "azure-native:apimanagement:ApiOperation": _PART_OF_API,
    "azure-native:logic:Workflow": _name(1, 43, r"[A-Za-z0-9._()-]+"),
    "azure-native:monitor:MetricAlert": _ALERT,
    "azure-native:monitor:ScheduledQueryRule": _ALERT,
    "azure-native:monitor:ActionGroup": _ALERT,
}

LIMITS: Mapping[str, Mapping[str, Limit]] = {
    "azure-native:authorization:RoleAssignment": {
        "principalType": Limit(allowed=("ServicePrincipal",), source=f"{ROLES}/role-assignments-template"),
        "principalId": _GUID,
        "roleDefinitionId": Limit(
            pattern=f"/subscriptions/{_GUID_PATTERN}/providers/Microsoft.Authorization/roleDefinitions/{_GUID_PATTERN}",
            source=ROLES,
        ),
        "scope": Limit(pattern=r"/subscriptions/\S+[^/]", source=f"{ROLES}/scope-overview"),
    },
    "azure-native:operationalinsights:Workspace": {
        "retentionInDays": Limit(lowest=30, highest=730, source=f"{DOCS}/azure-monitor/logs/data-retention-configure"),
    },
    "azure-native:servicebus:Queue": {"maxDeliveryCount": Limit(lowest=1, highest=2_147_483_647, source=SDK)},
    "azure-native:eventgrid:EventSubscription": {
        "retryPolicy.eventTimeToLiveInMinutes": Limit(lowest=1, highest=1440, source=f"{DOCS}/event-grid/delivery"),
        "retryPolicy.maxDeliveryAttempts": Limit(lowest=1, highest=30, source=f"{DOCS}/event-grid/delivery"),
    },
    "azure-native:cosmosdb:SqlResourceSqlContainer": {
        "resource.partitionKey.paths": Limit(pattern=r"/\w+(/\w+)*", source=f"{DOCS}/cosmos-db/partitioning-overview"),
        "options.autoscaleSettings.maxThroughput": Limit(
            lowest=1_000, highest=1_000_000, source=f"{DOCS}/cosmos-db/provision-throughput-autoscale"
        ),
    },
    "azure-native:keyvault:Vault": {
        "properties.softDeleteRetentionInDays": Limit(
            lowest=7, highest=90, source=f"{DOCS}/key-vault/general/soft-delete-overview"
        ),
    },
    "azure-native:web:AppServicePlan": {
        "sku.name": Limit(allowed=("FC1",), source=FLEX),
        "sku.tier": Limit(allowed=("FlexConsumption",), source=FLEX),
    },
    "azure-native:web:WebApp": {
        "kind": Limit(allowed=("functionapp,linux",), source=FLEX),
        "functionAppConfig.runtime.version": Limit(allowed=("3.10", "3.11", "3.12", "3.13"), source=FLEX),
        "functionAppConfig.scaleAndConcurrency.instanceMemoryMB": Limit(allowed=(512, 2048, 4096), source=FLEX),
        "functionAppConfig.scaleAndConcurrency.maximumInstanceCount": Limit(lowest=1, highest=1000, source=FLEX),
        "functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency": Limit(
            lowest=1, highest=1000, source=FLEX
        ),
        "functionAppConfig.scaleAndConcurrency.alwaysReady.name": Limit(
            pattern=r"http|durable|blob|function:\w+", source=FLEX
        ),
    },
    "azure-native:apimanagement:ApiManagementService": {
        "publisherEmail": Limit(lowest=3, highest=100, pattern=r"\S+@\S+", source=SDK),
        "publisherName": Limit(lowest=1, highest=100, source=SDK),
    },
    "azure-native:monitor:MetricAlert": {
        "severity": _SEVERITY,
        "evaluationFrequency": Limit(allowed=("PT1M", "PT5M", "PT15M", "PT30M", "PT1H"), source=MONITOR),
        "windowSize": Limit(allowed=("PT1M", "PT5M", "PT15M", "PT30M", "PT1H", "PT6H", "PT12H", "P1D"), source=MONITOR),
    },
    "azure-native:monitor:ScheduledQueryRule": {"severity": _SEVERITY},
    "azure-native:monitor:ActionGroup": {
        "groupShortName": Limit(lowest=1, highest=12, source=SDK),
        "location": Limit(allowed=("global", "Global"), source=f"{MONITOR}/action-groups"),
    },
}


@dataclass(frozen=True, kw_only=True)
class Span:
    """Bounds of a length of time."""

    source: str
    lowest: timedelta
    highest: timedelta

    def misfits(self, value: str, path: str) -> Iterator[Problem]:
        length = length_of(value)
        if length is None:
            yield Problem(path=path, what="is no length of time, as in PT5M")
        elif not self.lowest <= length <= self.highest:
            yield Problem(path=path, what=f"is {value}; allowed is {self.lowest} to {self.highest} ({self.source})")


QUOTAS = f"{DOCS}/service-bus-messaging/service-bus-quotas"
_KEPT = Span(lowest=timedelta(seconds=1), highest=timedelta.max, source=QUOTAS)
_REMEMBERED = Span(lowest=timedelta(seconds=20), highest=timedelta(days=7), source=QUOTAS)
_LOCKED = Span(lowest=timedelta(seconds=5), highest=timedelta(minutes=5), source=QUOTAS)
SPANS: Mapping[str, Mapping[str, Span]] = {
    "azure-native:servicebus:Queue": {
        "lockDuration": _LOCKED,
        "duplicateDetectionHistoryTimeWindow": _REMEMBERED,
        "defaultMessageTimeToLive": _KEPT,
    },
    "azure-native:servicebus:Topic": {
        "duplicateDetectionHistoryTimeWindow": _REMEMBERED,
        "defaultMessageTimeToLive": _KEPT,
    },
    "azure-native:servicebus:Subscription": {"lockDuration": _LOCKED, "defaultMessageTimeToLive": _KEPT},
}


def misfits(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    named = {NAMED[type_token]: NAMES[type_token]} if type_token in NAMED else {}
    yield from misfits_of({**named, **LIMITS.get(type_token, {})}, inputs)
    spans = SPANS.get(type_token, {})
    for path, value in leaves(inputs, ""):
        if path in spans and value != UNKNOWN:
            yield from spans[path].misfits(value, path)


def length_of(value: str) -> timedelta | None:
    """Of ISO 8601, in which months and years have no length."""
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", value)
    if not found or value == "P":
        return None
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=rest)
