"""What Google Cloud computes of each kind of resource."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from tests.templates import Shape, constant

MEMBER = "{role}/{member}"
GLOBAL = "projects/{project}/global"
COMPUTE = "https://www.googleapis.com/compute/v1/{id}"


def _service_config(known: Mapping[str, Any]) -> dict[str, Any]:
    address = f"https://{known['name']}-{_digest_of_the_place(known)}-ew.a.run.app"
    service = f"projects/{known['project']}/locations/{known['location']}/services/{known['name']}"
    return {**known.get("serviceConfig", {}), "uri": address, "service": service}


def _digest_of_the_place(known: Mapping[str, Any]) -> str:
    """A service that is made again has the address that it had."""
    return hashlib.sha256(f"{known['project']} {known['location']}".encode()).hexdigest()[:10]


def _account(known: Mapping[str, Any]) -> str:
    return f"{known['accountId']}@{known['project']}.iam.gserviceaccount.com"


def _membership(known: Mapping[str, Any]) -> str:
    """What is granted under a condition is granted besides what is granted without one."""
    parts = (known["project"], known["role"], known["member"], known.get("condition", {}).get("title"))
    return "/".join(filter(None, parts))


def _agent(known: Mapping[str, Any]) -> str:
    return f"service-{known['number']}@gcp-sa-{known['service'].partition('.')[0]}.iam.gserviceaccount.com"


def _transport(known: Mapping[str, Any]) -> dict[str, Any]:
    """What Eventarc delivers by."""
    name = f"eventarc-{known['location']}-{known['name']}-{known['digest'][:3]}"
    paths = {kind: f"projects/{known['project']}/{kind}s/{name}" for kind in ("topic", "subscription")}
    return {"pubsub": paths}


def _config_id(known: Mapping[str, Any]) -> str:
    return str(known.get("apiConfigId") or f"{known.get('apiConfigIdPrefix', 'config')}{known['digest'][:26]}")


_COMPUTED_AT_COMPUTE: Shape = {"selfLink": COMPUTE}

SHAPES: Mapping[str, Shape] = {
    "gcp:projects/service:Service": {"id": "{project}/{service}"},
    "gcp:projects/serviceIdentity:ServiceIdentity": {
        "id": "projects/{project}/services/{service}",
        "email": _agent,
        "member": "serviceAccount:{email}",
    },
    "gcp:projects/iAMMember:IAMMember": {"id": _membership, "etag": "{digest:.8}"},
    "gcp:projects/iAMCustomRole:IAMCustomRole": {
        "id": "projects/{project}/roles/{roleId}",
        "name": "{id}",
        "deleted": constant(False),
    },
    "gcp:serviceaccount/account:Account": {
        "email": _account,
        "member": "serviceAccount:{email}",
        "name": "projects/{project}/serviceAccounts/{email}",
        "id": "{name}",
        "uniqueId": lambda known: str(int(known["digest"][:16], 16)),
    },
    "gcp:serviceaccount/iAMMember:IAMMember": {"id": f"{{serviceAccountId}}/{MEMBER}", "etag": "{digest:.8}"},
    "gcp:artifactregistry/repository:Repository": {
        "id": "projects/{project}/locations/{location}/repositories/{repositoryId}",
        "name": "{repositoryId}",
        "createTime": "2026-01-01T00:00:00Z",
        "registryUri": "{location}-docker.pkg.dev/{project}/{repositoryId}",
    },
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": {"id": f"{{repository}}/{MEMBER}"},
    "gcp:storage/bucket:Bucket": {
        "id": "{name}",
        "url": "gs://{name}",
        "selfLink": "https://www.googleapis.com/storage/v1/b/{name}",
        "projectNumber": lambda known: int(known["number"]),
    },
    "gcp:storage/bucketObject:BucketObject": {
        "id": "{bucket}-{name}",
        "outputName": "{name}",
        "generation": lambda known: int(known["digest"][:12], 16),
        "md5hash": "{digest:.24}",
        "crc32c": "{digest:.8}",
    },
    "gcp:storage/bucketIAMMember:BucketIAMMember": {"id": f"b/{{bucket}}/{MEMBER}", "etag": "{digest:.8}"},
    "gcp:cloudfunctionsv2/function:Function": {
        "id": "projects/{project}/locations/{location}/functions/{name}",
        "serviceConfig": _service_config,
        "url": lambda known: f"https://{known['location']}-{known['project']}.cloudfunctions.net/{known['name']}",
        "state": "ACTIVE",
        "environment": "GEN_2",
        "updateTime": "2026-01-01T00:00:00Z",
    },
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": {
        "id": f"projects/{{project}}/locations/{{location}}/services/{{name}}/{MEMBER}",
        "etag": "{digest:.8}",
    },
    "gcp:pubsub/topic:Topic": {"id": "projects/{project}/topics/{name}"},
    "gcp:pubsub/subscription:Subscription": {"id": "projects/{project}/subscriptions/{name}"},
    "gcp:pubsub/schema:Schema": {"id": "projects/{project}/schemas/{name}"},
    "gcp:pubsub/topicIAMMember:TopicIAMMember": {"id": f"{{topic}}/{MEMBER}", "etag": "{digest:.8}"},
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": {
        "id": f"{{subscription}}/{MEMBER}",
        "etag": "{digest:.8}",
    },
    "gcp:firestore/database:Database": {
        "id": "projects/{project}/databases/{name}",
        "uid": "{digest:.32}",
        "earliestVersionTime": "2026-01-01T00:00:00Z",
        "versionRetentionPeriod": "3600s",
        "createTime": "2026-01-01T00:00:00Z",
        "etag": "{digest:.8}",
    },
    "gcp:firestore/index:Index": {
        "id": "projects/{project}/databases/{database}/collectionGroups/{collection}/indexes/{digest:.12}",
        "name": "{id}",
    },
    "gcp:firestore/field:Field": {
        "id": "projects/{project}/databases/{database}/collectionGroups/{collection}/fields/{field}",
        "name": "{id}",
    },
    "gcp:firestore/backupSchedule:BackupSchedule": {
        "name": "{digest:.36}",
        "id": "projects/{project}/databases/{database}/backupSchedules/{name}",
    },
    "gcp:eventarc/trigger:Trigger": {
        "id": "projects/{project}/locations/{location}/triggers/{name}",
        "transport": _transport,
        "uid": "{digest:.32}",
        "etag": "{digest:.8}",
    },
    "gcp:secretmanager/secret:Secret": {
        "id": "projects/{project}/secrets/{secretId}",
        "name": "projects/{number}/secrets/{secretId}",
    },
    "gcp:secretmanager/secretVersion:SecretVersion": {
        "version": lambda known: str(known.get("version", 1)),
        "name": "{secret}/versions/{version}",
        "id": "{name}",
    },
    "gcp:secretmanager/secretIamMember:SecretIamMember": {"id": f"{{secretId}}/{MEMBER}", "etag": "{digest:.8}"},
    "gcp:workflows/workflow:Workflow": {
        "id": "projects/{project}/locations/{region}/workflows/{name}",
        "revisionId": "000001-{digest:.3}",
        "state": "ACTIVE",
    },
    "gcp:cloudscheduler/job:Job": {
        "id": "projects/{project}/locations/{region}/jobs/{name}",
        "state": "ENABLED",
    },
    "gcp:apigateway/api:Api": {
        "id": "projects/{project}/locations/global/apis/{apiId}",
        "name": "{id}",
        "managedService": "{apiId}-{digest:.13}.apigateway.{project}.cloud.goog",
        "createTime": "2026-01-01T00:00:00Z",
    },
    "gcp:apigateway/apiConfig:ApiConfig": {
        "apiConfigId": _config_id,
        "id": "projects/{project}/locations/global/apis/{api}/configs/{apiConfigId}",
        "name": "{id}",
        "serviceConfigId": "{apiConfigId}-{digest:.13}",
    },
    "gcp:apigateway/gateway:Gateway": {
        "id": "projects/{project}/locations/{region}/gateways/{gatewayId}",
        "name": "{id}",
        "defaultHostname": "{gatewayId}-{digest:.8}.ew.gateway.dev",
    },
    "gcp:compute/globalAddress:GlobalAddress": {
        "id": f"{GLOBAL}/addresses/{{name}}",
        "address": constant("203.0.113.7"),
        **_COMPUTED_AT_COMPUTE,
    },
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": {
        "id": "projects/{project}/regions/{region}/networkEndpointGroups/{name}",
        **_COMPUTED_AT_COMPUTE,
    },
    "gcp:compute/backendService:BackendService": {
        "id": f"{GLOBAL}/backendServices/{{name}}",
        "generatedId": lambda known: int(known["digest"][:12], 16),
        **_COMPUTED_AT_COMPUTE,
    },
    "gcp:compute/uRLMap:URLMap": {
        "id": f"{GLOBAL}/urlMaps/{{name}}",
        "mapId": lambda known: int(known["digest"][:12], 16),
        **_COMPUTED_AT_COMPUTE,
    },
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": {
        "id": f"{GLOBAL}/sslCertificates/{{name}}",
        "certificateId": lambda known: int(known["digest"][:12], 16),
        **_COMPUTED_AT_COMPUTE,
    },
    "gcp:compute/sSLPolicy:SSLPolicy": {"id": f"{GLOBAL}/sslPolicies/{{name}}", **_COMPUTED_AT_COMPUTE},
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": {
        "id": f"{GLOBAL}/targetHttpsProxies/{{name}}",
        "proxyId": lambda known: int(known["digest"][:12], 16),
        **_COMPUTED_AT_COMPUTE,
    },
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": {
        "id": f"{GLOBAL}/forwardingRules/{{name}}",
        **_COMPUTED_AT_COMPUTE,
    },
    "gcp:monitoring/alertPolicy:AlertPolicy": {
        "id": "projects/{project}/alertPolicies/{digest:.19}",
        "name": "{id}",
    },
    "gcp:monitoring/notificationChannel:NotificationChannel": {
        "id": "projects/{project}/notificationChannels/{digest:.19}",
        "name": "{id}",
        "verificationStatus": "",
    },
    "gcp:monitoring/dashboard:Dashboard": {"id": "projects/{number}/dashboards/{digest:.36}"},
    "gcp:logging/metric:Metric": {"id": "{name}"},
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": {
        "id": "projects/{project}/locations/{location}/buckets/{bucketId}",
        "name": "{id}",
        "lifecycleState": "ACTIVE",
    },
    "gcp:logging/projectSink:ProjectSink": {
        "id": "projects/{project}/sinks/{name}",
        "writerIdentity": "serviceAccount:service-{number}@gcp-sa-logging.iam.gserviceaccount.com",
    },
    "gcp:logging/projectExclusion:ProjectExclusion": {"id": "projects/{project}/exclusions/{name}"},
}
"""By type token, the texts that are computed, each of which may use those before it."""
