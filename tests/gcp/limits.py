"""Rules of Google Cloud that its discovery documents say in prose or not at all, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.limit import Limit, misfits_of
from tests.sdk import Problem

SDK = "pulumi_gcp's docstrings"
DISCOVERY = "the discovery document's prose"
DOCS = "cloud.google.com"


def _name(lowest: int, highest: int, pattern: str, source: str) -> Limit:
    return Limit(lowest=lowest, highest=highest, pattern=pattern, source=source)


def _dashed(highest: int, source: str, lowest: int = 1) -> Limit:
    """Lower-case letters, digits and hyphens that begin with a letter and end with none of the last."""
    return _name(lowest, highest, r"[a-z]([-a-z0-9]*[a-z0-9])?", source)


_PUBSUB_NAME = _name(3, 255, r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]+", f"{DOCS}/pubsub/docs/pubsub-basics")
_MEMBER = Limit(
    pattern=r"serviceAccount:\S+@\S+|user:\S+@\S+|group:\S+@\S+|domain:\S+|principal(Set)?://\S+|"
    r"allUsers|allAuthenticatedUsers",
    source=f"{DOCS}/iam/docs/principal-identifiers",
)
_ROLE = Limit(
    pattern=r"roles/[A-Za-z0-9_.]+|(projects|organizations)/[^/]+/roles/[A-Za-z0-9_.]{3,64}",
    source=f"{DOCS}/iam/docs/roles-overview",
)
_GRANT = {"member": _MEMBER, "role": _ROLE}
_ZONED_NAME = _dashed(63, "RFC 1035, as compute asks for")
_COMPUTE = {"name": _ZONED_NAME}

MEMBERS = (
    "gcp:projects/iAMMember:IAMMember",
    "gcp:serviceaccount/iAMMember:IAMMember",
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember",
    "gcp:storage/bucketIAMMember:BucketIAMMember",
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember",
    "gcp:pubsub/topicIAMMember:TopicIAMMember",
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember",
    "gcp:secretmanager/secretIamMember:SecretIamMember",
)
LIMITS: Mapping[str, Mapping[str, Limit]] = {
    **dict.fromkeys(MEMBERS, _GRANT),
    "gcp:projects/service:Service": {
        "service": Limit(pattern=r"[a-z]+\.googleapis\.com|\S+\.cloud\.goog", source="serviceusage.v1"),
    },
    "gcp:projects/iAMCustomRole:IAMCustomRole": {"roleId": _name(3, 64, r"[A-Za-z0-9_.]+", SDK)},
    "gcp:serviceaccount/account:Account": {
        "accountId": _dashed(30, SDK, lowest=6),
        "displayName": Limit(highest=100, source=DISCOVERY),
    },
    "gcp:artifactregistry/repository:Repository": {"repositoryId": _dashed(63, SDK)},
    "gcp:storage/bucket:Bucket": {
        "name": _name(
            3, 63, r"(?!goog)(?!.*(google|g00gle))[a-z0-9][a-z0-9_-]*[a-z0-9]", f"{DOCS}/storage/docs/buckets"
        ),
        "location": Limit(pattern=r"[A-Z0-9-]+", source="Cloud Storage answers in capitals: a diff for ever"),
        "softDeletePolicy.retentionDurationSeconds": Limit(allowed=(0, *range(604_800, 7_776_001)), source=DISCOVERY),
    },
    "gcp:cloudfunctionsv2/function:Function": {
        "name": _dashed(49, f"{DOCS}/run/quotas, the service behind a function"),
        "buildConfig.runtime": Limit(pattern=r"python3(1[0-3]|[89])", source=f"{DOCS}/functions/docs/runtime-support"),
        "buildConfig.entryPoint": Limit(pattern=r"[A-Za-z_][A-Za-z0-9_]*", source="a function of main.py"),
        "buildConfig.serviceAccount": Limit(pattern=r"projects/[^/]+/serviceAccounts/\S+@\S+", source=SDK),
        "buildConfig.dockerRepository": Limit(pattern=r"projects/[^/]+/locations/[^/]+/repositories/[^/]+", source=SDK),
        "serviceConfig.serviceAccountEmail": Limit(pattern=r"\S+@\S+", source=SDK),
        "serviceConfig.availableMemory": Limit(pattern=r"\d+(Mi|Gi|M|G|k)?", source=DISCOVERY),
        "serviceConfig.availableCpu": Limit(pattern=r"0\.\d+|[1246-8](\.0+)?", source=f"{DOCS}/run/docs/configuring"),
        "serviceConfig.timeoutSeconds": Limit(lowest=1, highest=3600, source=f"{DOCS}/functions/quotas"),
        "serviceConfig.maxInstanceRequestConcurrency": Limit(lowest=1, highest=1000, source=f"{DOCS}/run/docs"),
        "serviceConfig.secretEnvironmentVariables.version": Limit(
            pattern=r"\d+", source="`latest` is read only when an instance starts"
        ),
    },
    "gcp:pubsub/topic:Topic": {"name": _PUBSUB_NAME},
    "gcp:pubsub/subscription:Subscription": {
        "name": _PUBSUB_NAME,
        "ackDeadlineSeconds": Limit(lowest=10, highest=600, source=SDK),
        "deadLetterPolicy.maxDeliveryAttempts": Limit(lowest=5, highest=100, source=SDK),
        "deadLetterPolicy.deadLetterTopic": Limit(pattern=r"projects/[^/]+/topics/[^/]+", source=SDK),
        "pushConfig.pushEndpoint": Limit(pattern=r"https://\S+", source=SDK),
        "retryPolicy.minimumBackoff": Limit(pattern=r"([0-9]|[1-5]?\d{1,2}|600)(\.\d+)?s", source=SDK),
        "retryPolicy.maximumBackoff": Limit(pattern=r"([0-9]|[1-5]?\d{1,2}|600)(\.\d+)?s", source=SDK),
    },
    "gcp:firestore/database:Database": {
        "name": _name(4, 63, r"(?![0-9a-f]{8}(-|$))[a-z]([a-z0-9-]*[a-z0-9])|\(default\)", SDK),
        "deletionPolicy": Limit(allowed=("DELETE", "PREVENT", "ABANDON"), source=SDK),
    },
    "gcp:eventarc/trigger:Trigger": {
        "name": _dashed(63, DISCOVERY),
        "retryPolicy.maxAttempts": Limit(allowed=(1,), source=SDK),
        "matchingCriterias.operator": Limit(allowed=("match-path-pattern", "path_pattern"), source=SDK),
    },
    "gcp:secretmanager/secret:Secret": {"secretId": _name(1, 255, r"[A-Za-z0-9_-]+", SDK)},
    "gcp:workflows/workflow:Workflow": {
        "name": _name(1, 64, r"[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?", f"{DOCS}/workflows/docs/reference"),
        "userEnvVars": Limit(highest=20, source=DISCOVERY),
    },
    "gcp:cloudscheduler/job:Job": {
        "name": _name(1, 500, r"[A-Za-z0-9_-]+", DISCOVERY),
        "retryConfig.retryCount": Limit(lowest=0, highest=5, source=SDK),
        "httpTarget.uri": Limit(pattern=r"https?://\S+", source=DISCOVERY),
        "httpTarget.body": Limit(pattern=r"[A-Za-z0-9+/]*={0,2}", source="base64, by the discovery document"),
    },
    "gcp:apigateway/api:Api": {"apiId": _dashed(49, f"{DOCS}/api-gateway/docs")},
    "gcp:apigateway/apiConfig:ApiConfig": {
        "api": Limit(pattern=r"[a-z][a-z0-9-]*", source="the id alone: a full name is looked up below itself"),
        "apiConfigIdPrefix": _name(1, 37, r"[a-z][a-z0-9-]*", "63 characters with the 26 of the ending"),
        "openapiDocuments.document.contents": Limit(pattern=r"[A-Za-z0-9+/]+={0,2}", source=f"base64, by {SDK}"),
    },
    "gcp:apigateway/gateway:Gateway": {"gatewayId": _dashed(49, f"{DOCS}/api-gateway/docs")},
    "gcp:compute/globalAddress:GlobalAddress": _COMPUTE,
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": _COMPUTE,
    "gcp:compute/backendService:BackendService": _COMPUTE,
    "gcp:compute/uRLMap:URLMap": _COMPUTE,
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": _COMPUTE,
    "gcp:compute/sSLPolicy:SSLPolicy": _COMPUTE,
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": _COMPUTE,
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _COMPUTE,
    "gcp:monitoring/alertPolicy:AlertPolicy": {
        "displayName": Limit(lowest=1, highest=512, source=DISCOVERY),
        "documentation.content": Limit(highest=8192, source=SDK),
    },
    "gcp:monitoring/notificationChannel:NotificationChannel": {
        "type": Limit(
            allowed=("email", "sms", "slack", "pagerduty", "pubsub", "webhook_basicauth", "webhook_tokenauth"),
            source=f"{DOCS}/monitoring/support/notification-options",
        ),
    },
    "gcp:logging/metric:Metric": {"name": _name(1, 100, r"(?!/)[A-Za-z0-9_.,+!*',()%/-]+", DISCOVERY)},
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": {
        "bucketId": _name(1, 100, r"[A-Za-z0-9_][A-Za-z0-9_.-]*", DISCOVERY),
        "retentionDays": Limit(lowest=1, highest=3650, source=DISCOVERY),
    },
    "gcp:logging/projectSink:ProjectSink": {"name": _name(1, 100, r"[A-Za-z0-9_.-]+", DISCOVERY)},
    "gcp:logging/projectExclusion:ProjectExclusion": {"name": _name(1, 100, r"[A-Za-z0-9_.-]+", DISCOVERY)},
}
"""By type and path without list indexes."""

NAMED: Mapping[str, str] = {
    "gcp:serviceaccount/account:Account": "accountId",
    "gcp:artifactregistry/repository:Repository": "repositoryId",
    "gcp:secretmanager/secret:Secret": "secretId",
    "gcp:apigateway/api:Api": "apiId",
    "gcp:apigateway/apiConfig:ApiConfig": "apiConfigIdPrefix",
    "gcp:apigateway/gateway:Gateway": "gatewayId",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "bucketId",
}
"""The input that is the physical name, where that is not `name`."""


def misfits(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    yield from misfits_of(LIMITS.get(type_token, {}), inputs)
