"""What Azure computes of each kind of resource."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.templates import Shape, Template, constant

GROUP = "/subscriptions/{subscription}/resourceGroups/{resourceGroupName}"
STORAGE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{{accountName}}"
COSMOS = f"{GROUP}/providers/Microsoft.DocumentDB/databaseAccounts/{{accountName}}"
BUS = f"{GROUP}/providers/Microsoft.ServiceBus/namespaces/{{namespaceName}}"
SITE = f"{GROUP}/providers/Microsoft.Web/sites/{{name}}"
GATEWAY = f"{GROUP}/providers/Microsoft.ApiManagement/service/{{serviceName}}"
TENANT = "66666666-7777-8888-9999-aaaaaaaaaaaa"


def digest_guid(salt: str) -> Template:
    """Another one for each salt, and always the same."""
    return lambda known: str(UUID(hex=known["digest"][:24] + f"{sum(salt.encode()):08x}"[-8:]))


def _identities(known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Told of a list, Azure answers with a map, and says who each of them is."""
    identity = known.get("identity")
    if identity is None:
        return None
    given = list(identity.get("userAssignedIdentities", ()))
    found = {each: {"principalId": each.rpartition("/")[2], "clientId": each.rpartition("/")[2]} for each in given}
    return {**identity, "tenantId": TENANT, "userAssignedIdentities": found}


def _of_the_system(known: Mapping[str, Any]) -> dict[str, Any] | None:
    if "identity" not in known:
        return None
    return {**known["identity"], "principalId": digest_guid("system")(known), "tenantId": TENANT}  # type: ignore[operator]


def _named(path: str, name: str) -> Shape:
    return {"id": path, "name": f"{{{name}}}"}


def _scheduler(known: Mapping[str, Any]) -> dict[str, Any]:
    endpoint = f"https://{known['schedulerName']}-{known['digest'][:8]}.westeurope.durabletask.io"
    return {**known["properties"], "endpoint": endpoint, "provisioningState": "Succeeded"}


SHAPES: Mapping[str, Shape] = {
    "azure-native:resources:ResourceGroup": {
        "id": "/subscriptions/{subscription}/resourceGroups/{resourceGroupName}",
        "name": "{resourceGroupName}",
    },
    "azure-native:resources:Resource": {
        "id": f"{GROUP}/providers/{{resourceProviderNamespace}}/{{resourceType}}/{{resourceName}}",
        "name": "{resourceName}",
    },
    "azure-native:managedidentity:UserAssignedIdentity": {
        "id": f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{{resourceName}}",
        "name": "{resourceName}",
        "principalId": digest_guid("principal"),
        "clientId": digest_guid("client"),
        "tenantId": TENANT,
    },
    "azure-native:authorization:RoleAssignment": {
        "id": "{scope}/providers/Microsoft.Authorization/roleAssignments/{roleAssignmentName}",
        "name": "{roleAssignmentName}",
    },
    "azure-native:authorization:RoleDefinition": {
        "id": "/subscriptions/{subscription}/providers/Microsoft.Authorization/roleDefinitions/{roleDefinitionId}",
        "name": "{roleDefinitionId}",
    },
    "azure-native:operationalinsights:Workspace": {
        **_named(f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/{{workspaceName}}", "workspaceName"),
        "customerId": digest_guid("customer"),
    },
    "azure-native:applicationinsights:Component": {
        **_named(f"{GROUP}/providers/Microsoft.Insights/components/{{resourceName}}", "resourceName"),
        "appId": digest_guid("app"),
        "connectionString": "InstrumentationKey={digest:.32};"
        "IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/",
    },
    "azure-native:applicationinsights:Workbook": _named(
        f"{GROUP}/providers/Microsoft.Insights/workbooks/{{resourceName}}", "resourceName"
    ),
    "azure-native:storage:StorageAccount": _named(STORAGE, "accountName"),
    "azure-native:storage:BlobContainer": _named(
        f"{STORAGE}/blobServices/default/containers/{{containerName}}", "containerName"
    ),
    "azure-native:storage:BlobServiceProperties": {"id": f"{STORAGE}/blobServices/default", "name": "default"},
    "azure-native:storage:ManagementPolicy": {"id": f"{STORAGE}/managementPolicies/default", "name": "default"},
    "azure-native:servicebus:Namespace": _named(BUS, "namespaceName"),
    "azure-native:servicebus:Queue": _named(f"{BUS}/queues/{{queueName}}", "queueName"),
    "azure-native:servicebus:Topic": _named(f"{BUS}/topics/{{topicName}}", "topicName"),
    "azure-native:servicebus:Subscription": _named(
        f"{BUS}/topics/{{topicName}}/subscriptions/{{subscriptionName}}", "subscriptionName"
    ),
    "azure-native:servicebus:DefaultRule": {
        "id": f"{BUS}/topics/{{topicName}}/subscriptions/{{subscriptionName}}/rules/$Default",
        "name": "$Default",
    },
    "azure-native:eventgrid:Topic": {
        **_named(f"{GROUP}/providers/Microsoft.EventGrid/topics/{{topicName}}", "topicName"),
        "endpoint": "https://{topicName}.{location}-1.eventgrid.azure.net/api/events",
        "identity": _of_the_system,
    },
    "azure-native:eventgrid:EventSubscription": _named(
        "{scope}/providers/Microsoft.EventGrid/eventSubscriptions/{eventSubscriptionName}", "eventSubscriptionName"
    ),
    "azure-native:cosmosdb:DatabaseAccount": {
        **_named(COSMOS, "accountName"),
        "documentEndpoint": "https://{accountName}.documents.azure.com:443/",
    },
    "azure-native:cosmosdb:SqlResourceSqlDatabase": _named(f"{COSMOS}/sqlDatabases/{{databaseName}}", "databaseName"),
    "azure-native:cosmosdb:SqlResourceSqlContainer": _named(
        f"{COSMOS}/sqlDatabases/{{databaseName}}/containers/{{containerName}}", "containerName"
    ),
    "azure-native:cosmosdb:SqlResourceSqlRoleDefinition": _named(
        f"{COSMOS}/sqlRoleDefinitions/{{roleDefinitionId}}", "roleDefinitionId"
    ),
    "azure-native:cosmosdb:SqlResourceSqlRoleAssignment": _named(
        f"{COSMOS}/sqlRoleAssignments/{{roleAssignmentId}}", "roleAssignmentId"
    ),
    "azure-native:keyvault:Vault": _named(f"{GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}", "vaultName"),
    "azure-native:keyvault:Secret": _named(
        f"{GROUP}/providers/Microsoft.KeyVault/vaults/{{vaultName}}/secrets/{{secretName}}", "secretName"
    ),
    "azure-native:web:AppServicePlan": _named(f"{GROUP}/providers/Microsoft.Web/serverfarms/{{name}}", "name"),
    "azure-native:web:WebApp": {
        **_named(SITE, "name"),
        "identity": _identities,
        "defaultHostName": "{name}.azurewebsites.net",
        "state": "Running",
    },
    "azure-native:web:WebAppAuthSettingsV2": {"id": f"{SITE}/config/authsettingsV2", "name": "authsettingsV2"},
    "azure-native:web:WebAppScmAllowed": {
        "id": f"{SITE}/basicPublishingCredentialsPolicies/scm",
        "name": "scm",
    },
    "azure-native:web:WebAppFtpAllowed": {
        "id": f"{SITE}/basicPublishingCredentialsPolicies/ftp",
        "name": "ftp",
    },
    "azure-native:durabletask:Scheduler": {
        **_named(f"{GROUP}/providers/Microsoft.DurableTask/schedulers/{{schedulerName}}", "schedulerName"),
        "properties": _scheduler,
    },
    "azure-native:durabletask:TaskHub": _named(
        f"{GROUP}/providers/Microsoft.DurableTask/schedulers/{{schedulerName}}/taskHubs/{{taskHubName}}", "taskHubName"
    ),
    "azure-native:apimanagement:ApiManagementService": {
        **_named(GATEWAY, "serviceName"),
        "gatewayUrl": "https://{serviceName}.azure-api.net",
        "provisioningState": "Succeeded",
    },
    "azure-native:apimanagement:Api": _named(f"{GATEWAY}/apis/{{apiId}}", "apiId"),
    "azure-native:apimanagement:ApiPolicy": {"id": f"{GATEWAY}/apis/{{apiId}}/policies/policy", "name": "policy"},
    "azure-native:apimanagement:ApiOperation": _named(
        f"{GATEWAY}/apis/{{apiId}}/operations/{{operationId}}", "operationId"
    ),
    "azure-native:apimanagement:ApiOperationPolicy": {
        "id": f"{GATEWAY}/apis/{{apiId}}/operations/{{operationId}}/policies/policy",
        "name": "policy",
    },
    "azure-native:logic:Workflow": {
        **_named(f"{GROUP}/providers/Microsoft.Logic/workflows/{{workflowName}}", "workflowName"),
        "identity": _identities,
    },
    "azure-native:monitor:MetricAlert": _named(
        f"{GROUP}/providers/Microsoft.Insights/metricAlerts/{{ruleName}}", "ruleName"
    ),
    "azure-native:monitor:ScheduledQueryRule": _named(
        f"{GROUP}/providers/Microsoft.Insights/scheduledQueryRules/{{ruleName}}", "ruleName"
    ),
    "azure-native:monitor:ActionGroup": {
        **_named(f"{GROUP}/providers/Microsoft.Insights/actionGroups/{{actionGroupName}}", "actionGroupName"),
        "enabled": constant(True),
    },
}
"""By type token, the texts that are computed, each of which may use those before it."""
