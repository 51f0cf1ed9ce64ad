"""What Google Cloud cannot change of a resource that exists, so that a change makes another one.

Of the inputs that a system of ours says or might. Read by hand in the schemas of the provider's source (`ForceNew`), in
whichever of its versions was at hand, and compared with nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tests.gcp.limits import MEMBERS
from tests.sdk import input_names

ALWAYS = frozenset({"project", "name", "location", "region"})
"""Of whatever has them, but for what is in RENAMED_IN_PLACE."""
RENAMED_IN_PLACE = frozenset({"gcp:logging/metric:Metric"})

_GRANTED_ON = frozenset(
    {"bucket", "repository", "secretId", "serviceAccountId", "subscription", "topic", "role", "member", "condition"}
)
IMMUTABLE: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(MEMBERS, _GRANTED_ON),
    "gcp:projects/service:Service": frozenset({"service"}),
    "gcp:projects/serviceIdentity:ServiceIdentity": frozenset({"service"}),
    "gcp:projects/iAMCustomRole:IAMCustomRole": frozenset({"roleId"}),
    "gcp:serviceaccount/account:Account": frozenset({"accountId"}),
    "gcp:artifactregistry/repository:Repository": frozenset({"repositoryId", "format", "mode", "kmsKeyName"}),
    "gcp:storage/bucket:Bucket": frozenset({"enableObjectRetention", "hierarchicalNamespace"}),
    "gcp:storage/bucketObject:BucketObject": frozenset(
        {
            "bucket",
            "source",
            "contentType",
            "contentEncoding",
            "contentDisposition",
            "contentLanguage",
            "cacheControl",
            "storageClass",
            "metadata",
            "kmsKeyName",
            "customerEncryption",
            "forceEmptyContentType",
        }
    ),
    "gcp:pubsub/topic:Topic": frozenset({"tags"}),
    "gcp:pubsub/subscription:Subscription": frozenset({"topic", "filter", "enableMessageOrdering", "tags"}),
    "gcp:firestore/database:Database": frozenset({"locationId", "databaseEdition", "cmekConfig", "tags"}),
    "gcp:firestore/index:Index": frozenset(
        {"collection", "database", "fields", "queryScope", "apiScope", "density", "multikey", "unique"}
    ),
    "gcp:firestore/field:Field": frozenset({"collection", "database", "field"}),
    "gcp:firestore/backupSchedule:BackupSchedule": frozenset({"database", "dailyRecurrence", "weeklyRecurrence"}),
    "gcp:eventarc/trigger:Trigger": frozenset({"channel", "matchingCriterias", "transport"}),
    "gcp:secretmanager/secret:Secret": frozenset({"secretId", "replication", "tags"}),
    "gcp:secretmanager/secretVersion:SecretVersion": frozenset({"secret", "secretData", "isSecretDataBase64"}),
    "gcp:workflows/workflow:Workflow": frozenset({"namePrefix", "tags"}),
    "gcp:apigateway/api:Api": frozenset({"apiId", "managedService"}),
    "gcp:apigateway/apiConfig:ApiConfig": frozenset(
        {"api", "apiConfigId", "apiConfigIdPrefix", "gatewayConfig", "openapiDocuments"}
    ),
    "gcp:apigateway/gateway:Gateway": frozenset({"gatewayId"}),
    "gcp:compute/globalAddress:GlobalAddress": frozenset({"address", "addressType", "description", "ipVersion"}),
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": frozenset(
        {"cloudFunction", "cloudRun", "description", "networkEndpointType"}
    ),
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": frozenset({"description", "managed", "type"}),
    "gcp:compute/sSLPolicy:SSLPolicy": frozenset({"description"}),
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": frozenset({"description", "proxyBind"}),
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": frozenset(
        {"description", "ipAddress", "ipProtocol", "ipVersion", "network", "portRange"}
    ),
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": frozenset({"bucketId"}),
}
"""By type, besides ALWAYS."""


def immutable(type_token: str) -> frozenset[str]:
    always = frozenset() if type_token in RENAMED_IN_PLACE else ALWAYS & input_names(type_token)
    return IMMUTABLE.get(type_token, frozenset()) | always


def deletes_first(type_token: str, changed: Collection[str]) -> bool:
    """Pulumi's bridge deletes first where it could have made up the name, which was given and stays; elsewhere, as
    with a secret's `secretId`, the new one comes first, and Google refuses it if it has the name of the old one.
    """
    return "name" in input_names(type_token) and "name" not in changed
