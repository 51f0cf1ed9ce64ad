"""What of the inputs of each kind of resource makes Azure refuse them."""

from __future__ import annotations

_ROLE = "azure-native:authorization:RoleAssignment"
_QUEUE = "azure-native:servicebus:Queue"
_EVENTS = "azure-native:eventgrid:EventSubscription"
_ACCOUNT = "azure-native:cosmosdb:DatabaseAccount"
_CONTAINER = "azure-native:cosmosdb:SqlResourceSqlContainer"
_APP = "azure-native:web:WebApp"
_ALERT = "azure-native:monitor:MetricAlert"
_SCALE = "functionAppConfig.scaleAndConcurrency"
WRONG: list[tuple[str, str, object]] = [
    (_ROLE, "roleAssignmentName", "relay-sends"),
    (_ROLE, "principalType", "User"),
    (_ROLE, "roleDefinitionId", "Owner"),
    (_ROLE, "scope", "orders"),
    ("azure-native:storage:StorageAccount", "accountName", "orders-storage"),
    ("azure-native:storage:StorageAccount", "accountName", "x" * 25),
    ("azure-native:storage:StorageAccount", "sku.name", "LRS"),
    ("azure-native:storage:StorageAccount", "minimumTlsVersion", "1.2"),
    ("azure-native:storage:BlobContainer", "containerName", "dead--letters"),
    ("azure-native:storage:BlobContainer", "publicAccess", "none"),
    ("azure-native:servicebus:Namespace", "namespaceName", "orders-sb"),
    ("azure-native:servicebus:Namespace", "namespaceName", "short"),
    ("azure-native:servicebus:Namespace", "sku.tier", "Free"),
    (_QUEUE, "lockDuration", "PT6M"),
    (_QUEUE, "lockDuration", "180"),
    (_QUEUE, "maxDeliveryCount", 0),
    (_QUEUE, "duplicateDetectionHistoryTimeWindow", "P8D"),
    (_QUEUE, "lockDurations", "PT1M"),
    ("azure-native:servicebus:DefaultRule", "filterType", "Sql"),
    ("azure-native:eventgrid:Topic", "topicName", "or"),
    ("azure-native:eventgrid:Topic", "inputSchema", "CloudEvents"),
    (_EVENTS, "eventDeliverySchema", "CloudEventSchema"),
    (_EVENTS, "retryPolicy.maxDeliveryAttempts", 31),
    (_EVENTS, "retryPolicy.eventTimeToLiveInMinutes", 1441),
    (_EVENTS, "deliveryWithResourceIdentity.destination.endpointType", "ServiceBus"),
    (_EVENTS, "deliveryWithResourceIdentity.identity.type", "ManagedIdentity"),
    (_EVENTS, "filter.advancedFilters[0].operatorType", "NumberAbove"),
    (_ACCOUNT, "accountName", "Orders"),
    (_ACCOUNT, "accountName", "x" * 45),
    (_ACCOUNT, "kind", "NoSQL"),
    (_ACCOUNT, "consistencyPolicy.defaultConsistencyLevel", "strong"),
    (_ACCOUNT, "backupPolicy.continuousModeProperties.tier", "Continuous14Days"),
    (_CONTAINER, "resource.partitionKey.paths", ["tenant"]),
    (_CONTAINER, "resource.partitionKey.kind", "MultipleHash"),
    (_CONTAINER, "options.autoscaleSettings.maxThroughput", 400),
    ("azure-native:keyvault:Vault", "vaultName", "orders--vault"),
    ("azure-native:keyvault:Vault", "vaultName", "x" * 25),
    ("azure-native:keyvault:Vault", "properties.softDeleteRetentionInDays", 6),
    ("azure-native:keyvault:Secret", "secretName", "api_key"),
    ("azure-native:web:AppServicePlan", "sku.name", "Y1"),
    (_APP, "name", "orders_app"),
    (_APP, "identity.type", "User"),
    (_APP, "functionAppConfig.runtime.name", "python3"),
    (_APP, "functionAppConfig.runtime.version", "3.14"),
    (_APP, "functionAppConfig.deployment.storage.type", "blob"),
    (_APP, "functionAppConfig.deployment.storage.authentication.type", "Identity"),
    (_APP, f"{_SCALE}.instanceMemoryMB", 1024),
    (_APP, f"{_SCALE}.maximumInstanceCount", 1001),
    (_APP, f"{_SCALE}.triggers.http.perInstanceConcurrency", 0),
    ("azure-native:web:WebAppAuthSettingsV2", "globalValidation.unauthenticatedClientAction", "Return404"),
    ("azure-native:apimanagement:ApiManagementService", "serviceName", "1-orders"),
    ("azure-native:apimanagement:ApiManagementService", "sku.name", "Free"),
    ("azure-native:apimanagement:ApiPolicy", "format", "text"),
    (_ALERT, "severity", 5),
    (_ALERT, "windowSize", "PT10M"),
    (_ALERT, "criteria.allOf[0].operator", "gt"),
    (_ALERT, "criteria.allOf[0].timeAggregation", "Sum"),
    (_ALERT, "ruleName", "orders: errors"),
    ("azure-native:monitor:ActionGroup", "groupShortName", "order-alarms-"),
    ("azure-native:monitor:ActionGroup", "location", "westeurope"),
]
"""Type, path and value; what is said of it begins with the path, or with a part of it."""
