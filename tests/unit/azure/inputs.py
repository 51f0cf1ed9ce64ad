"""Inputs of one resource of each kind that has rules of its own, done right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SUBSCRIPTION = "/subscriptions/11111111-2222-3333-4444-555555555555"
GROUP = f"{SUBSCRIPTION}/resourceGroups/orderly"
GUID = "0af63668-fb8a-54b0-a829-15489b1e3627"
IN_GROUP = {"resourceGroupName": "orderly"}
PLACED = {**IN_GROUP, "location": "westeurope"}
BUS = {**IN_GROUP, "namespaceName": "orderly-bus"}

RIGHT: Mapping[str, Mapping[str, Any]] = {
    "azure-native:authorization:RoleAssignment": {
        "scope": f"{GROUP}/providers/Microsoft.KeyVault/vaults/orderly",
        "principalId": GUID,
        "principalType": "ServicePrincipal",
        "roleDefinitionId": f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{GUID}",
        "roleAssignmentName": GUID,
    },
    "azure-native:storage:StorageAccount": {
        **PLACED,
        "accountName": "orderly",
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "minimumTlsVersion": "TLS1_2",
    },
    "azure-native:storage:BlobContainer": {
        **IN_GROUP,
        "accountName": "orderly",
        "containerName": "packages",
        "publicAccess": "None",
    },
    "azure-native:servicebus:Namespace": {
        **PLACED,
        "namespaceName": "orderly-bus",
        "sku": {"name": "Standard", "tier": "Standard"},
    },
    "azure-native:servicebus:Queue": {
        **BUS,
        "queueName": "orders",
        "lockDuration": "PT5M",
        "maxDeliveryCount": 5,
        "defaultMessageTimeToLive": "P14D",
        "duplicateDetectionHistoryTimeWindow": "PT10M",
    },
    "azure-native:servicebus:DefaultRule": {
        **BUS,
        "topicName": "orders",
        "subscriptionName": "stock",
        "filterType": "SqlFilter",
        "sqlFilter": {"sqlExpression": "event_type = 'order.placed'"},
    },
    "azure-native:eventgrid:Topic": {
        **PLACED,
        "topicName": "orders",
        "inputSchema": "CloudEventSchemaV1_0",
        "identity": {"type": "SystemAssigned"},
    },
    "azure-native:eventgrid:EventSubscription": {
        "scope": f"{GROUP}/providers/Microsoft.EventGrid/topics/orders",
        "eventSubscriptionName": "orders",
        "eventDeliverySchema": "CloudEventSchemaV1_0",
        "deliveryWithResourceIdentity": {
            "identity": {"type": "SystemAssigned"},
            "destination": {
                "endpointType": "ServiceBusQueue",
                "resourceId": f"{GROUP}/providers/Microsoft.ServiceBus/namespaces/orderly-bus/queues/orders",
                "deliveryAttributeMappings": [{"name": "event_type", "type": "Dynamic", "sourceField": "type"}],
            },
        },
        "filter": {"advancedFilters": [{"operatorType": "NumberGreaterThan", "key": "data.total", "value": 5}]},
        "retryPolicy": {"eventTimeToLiveInMinutes": 1440, "maxDeliveryAttempts": 30},
    },
    "azure-native:cosmosdb:DatabaseAccount": {
        **PLACED,
        "accountName": "orderly",
        "databaseAccountOfferType": "Standard",
        "kind": "GlobalDocumentDB",
        "locations": [{"locationName": "westeurope", "failoverPriority": 0}],
        "consistencyPolicy": {"defaultConsistencyLevel": "Strong"},
        "backupPolicy": {"type": "Continuous", "continuousModeProperties": {"tier": "Continuous7Days"}},
    },
    "azure-native:cosmosdb:SqlResourceSqlContainer": {
        **IN_GROUP,
        "accountName": "orderly",
        "databaseName": "orders",
        "containerName": "orders",
        "resource": {"id": "orders", "partitionKey": {"paths": ["/tenant"], "kind": "Hash", "version": 2}},
        "options": {"autoscaleSettings": {"maxThroughput": 4000}},
    },
    "azure-native:keyvault:Vault": {
        **PLACED,
        "vaultName": "orderly",
        "properties": {
            "tenantId": GUID,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "softDeleteRetentionInDays": 7,
        },
    },
    "azure-native:keyvault:Secret": {
        **IN_GROUP,
        "vaultName": "orderly",
        "secretName": "api-key",
        "properties": {"value": "word"},
    },
    "azure-native:web:AppServicePlan": {
        **PLACED,
        "name": "orderly",
        "kind": "functionapp",
        "sku": {"name": "FC1", "tier": "FlexConsumption"},
    },
    "azure-native:web:WebApp": {
        **PLACED,
        "name": "orderly",
        "kind": "functionapp,linux",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": [f"{GROUP}/identity"]},
        "functionAppConfig": {
            "runtime": {"name": "python", "version": "3.13"},
            "deployment": {
                "storage": {
                    "type": "blobContainer",
                    "value": "https://orderly.blob.core.windows.net/packages",
                    "authentication": {"type": "UserAssignedIdentity"},
                }
            },
            "scaleAndConcurrency": {
                "instanceMemoryMB": 512,
                "maximumInstanceCount": 100,
                "triggers": {"http": {"perInstanceConcurrency": 16}},
            },
        },
    },
    "azure-native:web:WebAppAuthSettingsV2": {
        **IN_GROUP,
        "name": "orderly",
        "globalValidation": {"requireAuthentication": True, "unauthenticatedClientAction": "Return401"},
    },
    "azure-native:apimanagement:ApiManagementService": {
        **PLACED,
        "serviceName": "orderly",
        "publisherEmail": "api@shop.example",
        "publisherName": "Orderly",
        "sku": {"name": "Consumption", "capacity": 0},
    },
    "azure-native:apimanagement:ApiPolicy": {
        **IN_GROUP,
        "serviceName": "orderly",
        "apiId": "api",
        "policyId": "policy",
        "format": "xml",
        "value": "<policies />",
    },
    "azure-native:monitor:MetricAlert": {
        **IN_GROUP,
        "location": "global",
        "ruleName": "orders-errors",
        "enabled": True,
        "severity": 2,
        "scopes": [GROUP],
        "windowSize": "PT5M",
        "evaluationFrequency": "PT5M",
        "criteria": {
            "odataType": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
            "allOf": [
                {
                    "criterionType": "StaticThresholdCriterion",
                    "name": "errors",
                    "metricName": "requests/failed",
                    "operator": "GreaterThan",
                    "threshold": 0,
                    "timeAggregation": "Count",
                }
            ],
        },
    },
    "azure-native:monitor:ActionGroup": {
        **IN_GROUP,
        "location": "global",
        "actionGroupName": "orders",
        "groupShortName": "orders",
        "enabled": True,
    },
}
