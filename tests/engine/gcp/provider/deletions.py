"""What Google Cloud or its provider does not delete: what is protected, what others use, and what stays as it is.

What is asked is what the last `up` left, so a protection has to be taken away by an `up` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.engine.simulated.cloud import CloudError, Found
from tests.engine.simulated.file_cloud import Kept

DATABASE = "gcp:firestore/database:Database"
BUCKET = "gcp:storage/bucket:Bucket"
OBJECT = "gcp:storage/bucketObject:BucketObject"
SERVICE = "gcp:projects/service:Service"
IDENTITY = "gcp:projects/serviceIdentity:ServiceIdentity"
PROTECTED: Mapping[str, tuple[str, object, object]] = {
    DATABASE: ("deleteProtectionState", "DELETE_PROTECTION_ENABLED", "DELETE_PROTECTION_DISABLED"),
    "gcp:workflows/workflow:Workflow": ("deletionProtection", True, True),
    "gcp:secretmanager/secret:Secret": ("deletionProtection", True, False),
}
"""By type, the input that protects, its value that does, and its value where it is not given."""


class Use(NamedTuple):
    user: str
    its_input: str
    by_last_word: bool = False
    """Of the identifier, where the input is that and not the whole."""


PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
RULE = "gcp:compute/globalForwardingRule:GlobalForwardingRule"
USED_BY: Mapping[str, Use] = {
    "gcp:apigateway/api:Api": Use("gcp:apigateway/apiConfig:ApiConfig", "api", by_last_word=True),
    "gcp:apigateway/apiConfig:ApiConfig": Use("gcp:apigateway/gateway:Gateway", "apiConfig"),
    "gcp:compute/globalAddress:GlobalAddress": Use(RULE, "ipAddress"),
    PROXY: Use(RULE, "target"),
    "gcp:compute/uRLMap:URLMap": Use(PROXY, "urlMap"),
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": Use(PROXY, "sslCertificates"),
    "gcp:compute/sSLPolicy:SSLPolicy": Use(PROXY, "sslPolicy"),
    "gcp:compute/backendService:BackendService": Use("gcp:compute/uRLMap:URLMap", "defaultService"),
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": Use(
        "gcp:compute/backendService:BackendService", "backends"
    ),
}
"""By type, which resources keep one of it, and by which input they name it."""


def refuse(type_token: str, there: Found, kept: Kept) -> None:
    """CloudError if it may not be deleted."""
    if _policy(type_token, there) == "PREVENT":
        raise CloudError(f'{type_token} {there.id} has deletion_policy "PREVENT"; run `up` with another before')
    name, protects, default = PROTECTED.get(type_token, ("", None, ""))
    if there.inputs.get(name, default) == protects:
        raise CloudError(f"{type_token} {there.id} is protected by {name}; run `up` without it before")
    if use := USED_BY.get(type_token):
        for record in kept.of(use.user):
            if _known_as(there, use) & set(_texts(record["inputs"].get(use.its_input))):
                raise CloudError(f"{type_token} {there.id} is used by {use.user} {record['id']}")
    if type_token == BUCKET and not there.inputs.get("forceDestroy"):
        held = [record for record in kept.of(OBJECT) if record["inputs"]["bucket"] == there.id]
        if held:
            raise CloudError(f"{type_token} {there.id} is not empty, and force_destroy is not set")


def stays(type_token: str, there: Found) -> bool:
    """Whether it is Pulumi alone that forgets it."""
    if type_token == SERVICE:
        return not there.inputs.get("disableOnDestroy")
    return type_token == IDENTITY or _policy(type_token, there) == "ABANDON"


def _policy(type_token: str, there: Found) -> str:
    return str(there.inputs.get("deletionPolicy", "ABANDON" if type_token == DATABASE else "DELETE"))


def _known_as(there: Found, use: Use) -> set[object]:
    """By its identifier or its addresses."""
    if use.by_last_word:
        return {there.id.rpartition("/")[2]}
    return {there.id, there.computed.get("selfLink"), there.computed.get("address")}


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 JSON
    """At any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(part)
