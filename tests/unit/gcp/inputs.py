"""Inputs of each kind of resource that Google Cloud takes."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

PROJECT, REGION = "orderly-test", "europe-west1"
ACCOUNT = "orders@orderly-test.iam.gserviceaccount.com"
TOPIC = "projects/orderly-test/topics/orders"
URL = "https://orders-abc.a.run.app"
LONG = "x" * 70
RATE = 'metric.type = "run.googleapis.com/request_count" AND resource.type = "cloud_run_revision"'
BALANCED = 'metric.type = "loadbalancing.googleapis.com/https/request_count" AND resource.type = "https_lb_rule"'
DOCUMENT: Mapping[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Orders", "version": "1"},
    "x-google-backend": {
        "address": URL,
        "jwt_audience": URL,
        "path_translation": "APPEND_PATH_TO_ADDRESS",
        "deadline": 11.0,
    },
    "securityDefinitions": {
        "token": {
            "type": "oauth2",
            "flow": "implicit",
            "authorizationUrl": "",
            "x-google-issuer": "https://login.example",
            "x-google-jwks_uri": "https://login.example/keys",
            "x-google-audiences": "orders",
        }
    },
    "paths": {
        "/orders": {
            "get": {"operationId": "list", "responses": {"default": {"description": "x"}}, "security": [{"token": []}]},
            "options": {"operationId": "list_options", "responses": {"default": {"description": "x"}}},
        }
    },
}


def encoded(document: Mapping[str, Any]) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def _condition(**settings: object) -> list[dict[str, Any]]:
    aggregation = {"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_DELTA", "crossSeriesReducer": "REDUCE_SUM"}
    threshold = {"comparison": "COMPARISON_GT", "duration": "0s", "filter": RATE, "aggregations": [aggregation]}
    return [{"displayName": "rate", "conditionThreshold": {**threshold, **settings}}]


RIGHT: Mapping[str, Mapping[str, Any]] = {
    "gcp:projects/service:Service": {"project": PROJECT, "service": "pubsub.googleapis.com"},
    "gcp:projects/iAMMember:IAMMember": {
        "project": PROJECT,
        "role": "roles/logging.logWriter",
        "member": f"serviceAccount:{ACCOUNT}",
    },
    "gcp:projects/iAMCustomRole:IAMCustomRole": {
        "project": PROJECT,
        "roleId": "orders_write",
        "title": "Orders",
        "permissions": ["datastore.entities.create"],
    },
    "gcp:serviceaccount/account:Account": {"project": PROJECT, "accountId": "orders", "displayName": "Orders"},
    "gcp:artifactregistry/repository:Repository": {
        "project": PROJECT,
        "location": REGION,
        "repositoryId": "orders",
        "format": "DOCKER",
    },
    "gcp:storage/bucket:Bucket": {"project": PROJECT, "name": "orders", "location": "EUROPE-WEST1"},
    "gcp:cloudfunctionsv2/function:Function": {
        "project": PROJECT,
        "location": REGION,
        "name": "orders",
        "buildConfig": {
            "runtime": "python313",
            "entryPoint": "api",
            "serviceAccount": f"projects/orderly-test/serviceAccounts/{ACCOUNT}",
        },
        "serviceConfig": {
            "availableMemory": "512Mi",
            "availableCpu": "1",
            "timeoutSeconds": 30,
            "ingressSettings": "ALLOW_ALL",
            "environmentVariables": {"ORDERLY_STAGE": "dev"},
            "secretEnvironmentVariables": [
                {"key": "KEY", "projectId": PROJECT, "secret": "key", "version": "1"},
            ],
        },
    },
    "gcp:pubsub/topic:Topic": {"project": PROJECT, "name": "orders", "messageRetentionDuration": "86400s"},
    "gcp:pubsub/subscription:Subscription": {
        "project": PROJECT,
        "name": "orders",
        "topic": TOPIC,
        "filter": 'attributes.event_type = "order.placed"',
        "ackDeadlineSeconds": 60,
        "expirationPolicy": {"ttl": ""},
        "deadLetterPolicy": {"deadLetterTopic": TOPIC, "maxDeliveryAttempts": 5},
        "retryPolicy": {"minimumBackoff": "10s", "maximumBackoff": "600s"},
        "pushConfig": {"pushEndpoint": URL, "oidcToken": {"serviceAccountEmail": ACCOUNT, "audience": URL}},
    },
    "gcp:firestore/database:Database": {
        "project": PROJECT,
        "name": "orders",
        "locationId": REGION,
        "type": "FIRESTORE_NATIVE",
        "deletionPolicy": "DELETE",
        "deleteProtectionState": "DELETE_PROTECTION_DISABLED",
        "pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED",
        "concurrencyMode": "OPTIMISTIC",
    },
    "gcp:firestore/index:Index": {
        "project": PROJECT,
        "database": "orders",
        "collection": "orders",
        "queryScope": "COLLECTION_GROUP",
        "fields": [{"fieldPath": "status", "order": "ASCENDING"}, {"fieldPath": "at", "order": "DESCENDING"}],
    },
    "gcp:firestore/backupSchedule:BackupSchedule": {"project": PROJECT, "database": "orders", "retention": "8467200s"},
    "gcp:eventarc/trigger:Trigger": {
        "project": PROJECT,
        "location": REGION,
        "name": "orders",
        "destination": {},
        "matchingCriterias": [{"attribute": "document", "value": "a/{b}", "operator": "match-path-pattern"}],
    },
    "gcp:secretmanager/secret:Secret": {"project": PROJECT, "secretId": "orders", "replication": {"auto": {}}},
    "gcp:workflows/workflow:Workflow": {
        "project": PROJECT,
        "region": REGION,
        "name": "orders",
        "sourceContents": "{}",
        "callLogLevel": "LOG_ERRORS_ONLY",
        "deletionProtection": False,
    },
    "gcp:cloudscheduler/job:Job": {
        "project": PROJECT,
        "region": REGION,
        "name": "orders",
        "schedule": "0 2 * * *",
        "timeZone": "UTC",
        "attemptDeadline": "35s",
        "retryConfig": {"retryCount": 5, "minBackoffDuration": "30s"},
        "httpTarget": {"uri": URL, "httpMethod": "POST", "body": "e30="},
    },
    "gcp:apigateway/api:Api": {"project": PROJECT, "apiId": "orders"},
    "gcp:apigateway/apiConfig:ApiConfig": {
        "project": PROJECT,
        "api": "orders",
        "apiConfigIdPrefix": "orders-",
        "openapiDocuments": [{"document": {"path": "a.json", "contents": encoded(DOCUMENT)}}],
    },
    "gcp:compute/backendService:BackendService": {
        "project": PROJECT,
        "name": "orders",
        "protocol": "HTTPS",
        "loadBalancingScheme": "EXTERNAL_MANAGED",
    },
    "gcp:monitoring/alertPolicy:AlertPolicy": {
        "project": PROJECT,
        "displayName": "orders",
        "combiner": "OR",
        "conditions": _condition(),
        "userLabels": {"about": "errors"},
    },
    "gcp:monitoring/dashboard:Dashboard": {"project": PROJECT, "dashboardJson": '{"displayName":"orders"}'},
    "gcp:monitoring/notificationChannel:NotificationChannel": {
        "project": PROJECT,
        "type": "email",
        "labels": {"email_address": "ops@shop.example"},
    },
    "gcp:logging/metric:Metric": {
        "project": PROJECT,
        "name": "orders",
        "filter": "severity>=ERROR",
        "metricDescriptor": {"metricKind": "DELTA", "valueType": "INT64"},
    },
}
