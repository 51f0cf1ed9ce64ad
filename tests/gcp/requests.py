"""Which schema of Google's discovery documents each resource becomes, and where the provider calls a part otherwise.

The keys are the types that the tests know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Request:
    """`renamed` has, by path without list indexes, the name that Google gives to an input; `-` for none."""

    document: str
    schema: str
    renamed: Mapping[str, str] = field(default_factory=dict)


def _request(document: str, schema: str, renamed: Mapping[str, str] | None = None) -> tuple[Request, ...]:
    return (Request(document=document, schema=schema, renamed=renamed or {}),)


_MEMBER: tuple[Request, ...] = ()
"""A member of a policy has no enum and no field of its own: tests/gcp/limits.py says what it may be."""
_BUCKET = (
    *_request("storage.v1", "Bucket", {"publicAccessPrevention": "-", "uniformBucketLevelAccess": "-"}),
    Request(document="storage.v1", schema="Bucket.iamConfiguration"),
)
_DATABASE = _request("firestore.v1", "GoogleFirestoreAdminV1Database")
_FIELD = _request("firestore.v1", "GoogleFirestoreAdminV1Field")
_FUNCTION = _request(
    "cloudfunctions.v2",
    "Function",
    {
        "eventTrigger.eventFilters": "eventFilters",
        "serviceConfig.maxInstanceRequestConcurrency": "maxInstanceRequestConcurrency",
        "buildConfig.source.storageSource.object": "object",
    },
)
_CONFIG = _request(
    "apigateway.v1", "ApigatewayApiConfig", {"gatewayConfig": "-", "openapiDocuments.document": "document"}
)
_SUBSCRIPTION = _request("pubsub.v1", "Subscription", {"expirationPolicy.ttl": "-"})
"""The provider's empty text is no duration: it leaves the policy out of the request, so that it never expires."""
_SECRET_VERSION = _request("secretmanager.v1", "SecretVersion", {"secretData": "-"})

REQUESTS: Mapping[str, tuple[Request, ...]] = {
    "gcp:projects/service:Service": _MEMBER,
    "gcp:projects/serviceIdentity:ServiceIdentity": _MEMBER,
    "gcp:projects/iAMMember:IAMMember": _MEMBER,
    "gcp:projects/iAMCustomRole:IAMCustomRole": _request("iam.v1", "Role", {"permissions": "includedPermissions"}),
    "gcp:serviceaccount/account:Account": _request("iam.v1", "ServiceAccount"),
    "gcp:serviceaccount/iAMMember:IAMMember": _MEMBER,
    "gcp:artifactregistry/repository:Repository": _request(
        "artifactregistry.v1", "Repository", {"cleanupPolicies": "-"}
    ),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": _MEMBER,
    "gcp:storage/bucket:Bucket": _BUCKET,
    "gcp:storage/bucketObject:BucketObject": _request("storage.v1", "Object"),
    "gcp:storage/bucketIAMMember:BucketIAMMember": _MEMBER,
    "gcp:cloudfunctionsv2/function:Function": _FUNCTION,
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": _MEMBER,
    "gcp:pubsub/topic:Topic": _request("pubsub.v1", "Topic"),
    "gcp:pubsub/subscription:Subscription": _SUBSCRIPTION,
    "gcp:pubsub/schema:Schema": _request("pubsub.v1", "Schema"),
    "gcp:pubsub/topicIAMMember:TopicIAMMember": _MEMBER,
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": _MEMBER,
    "gcp:firestore/database:Database": _DATABASE,
    "gcp:firestore/index:Index": _request("firestore.v1", "GoogleFirestoreAdminV1Index"),
    "gcp:firestore/field:Field": _FIELD,
    "gcp:firestore/backupSchedule:BackupSchedule": _request("firestore.v1", "GoogleFirestoreAdminV1BackupSchedule"),
    "gcp:eventarc/trigger:Trigger": _request("eventarc.v1", "Trigger", {"matchingCriterias": "eventFilters"}),
    "gcp:secretmanager/secret:Secret": _request("secretmanager.v1", "Secret", {"replication.auto": "automatic"}),
    "gcp:secretmanager/secretVersion:SecretVersion": _SECRET_VERSION,
    "gcp:secretmanager/secretIamMember:SecretIamMember": _MEMBER,
    "gcp:workflows/workflow:Workflow": _request("workflows.v1", "Workflow"),
    "gcp:cloudscheduler/job:Job": _request("cloudscheduler.v1", "Job"),
    "gcp:apigateway/api:Api": _request("apigateway.v1", "ApigatewayApi"),
    "gcp:apigateway/apiConfig:ApiConfig": _CONFIG,
    "gcp:apigateway/gateway:Gateway": _request("apigateway.v1", "ApigatewayGateway"),
    "gcp:compute/globalAddress:GlobalAddress": _request("compute.v1", "Address"),
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": _request("compute.v1", "NetworkEndpointGroup"),
    "gcp:compute/backendService:BackendService": _request("compute.v1", "BackendService"),
    "gcp:compute/uRLMap:URLMap": _request("compute.v1", "UrlMap"),
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": _request("compute.v1", "SslCertificate"),
    "gcp:compute/sSLPolicy:SSLPolicy": _request("compute.v1", "SslPolicy"),
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": _request("compute.v1", "TargetHttpsProxy"),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": _request("compute.v1", "ForwardingRule"),
    "gcp:monitoring/alertPolicy:AlertPolicy": _request("monitoring.v3", "AlertPolicy"),
    "gcp:monitoring/notificationChannel:NotificationChannel": _request("monitoring.v3", "NotificationChannel"),
    "gcp:monitoring/dashboard:Dashboard": _request("monitoring.v1", "Dashboard"),
    "gcp:logging/metric:Metric": _request("logging.v2", "LogMetric"),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": _request("logging.v2", "LogBucket"),
    "gcp:logging/projectSink:ProjectSink": _request("logging.v2", "LogSink"),
    "gcp:logging/projectExclusion:ProjectExclusion": _request("logging.v2", "LogExclusion"),
}
