"""What Google Cloud or its provider does not delete: what is protected, what others use, and what stays as it is.

What is asked is what the last `up` left, so a protection has to be taken away by an `up` of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
USED_BY: Mapping[str, tuple[tuple[str, str], ...]] = {
    "gcp:apigateway/api:Api": (("gcp:apigateway/apiConfig:ApiConfig", "api"),),
    "gcp:apigateway/apiConfig:ApiConfig": (("gcp:apigateway/gateway:Gateway", "apiConfig"),),
    "gcp:compute/globalAddress:GlobalAddress": (
        ("gcp:compute/globalForwardingRule:GlobalForwardingRule", "ipAddress"),
    ),
    "gcp:compute/targetHttpsProxy:TargetHttpsProxy": (
        ("gcp:compute/globalForwardingRule:GlobalForwardingRule", "target"),
    ),
    "gcp:compute/uRLMap:URLMap": (("gcp:compute/targetHttpsProxy:TargetHttpsProxy", "urlMap"),),
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": (
        ("gcp:compute/targetHttpsProxy:TargetHttpsProxy", "sslCertificates"),
    ),
    "gcp:compute/backendService:BackendService": (("gcp:compute/uRLMap:URLMap", "defaultService"),),
    "gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup": (
        ("gcp:compute/backendService:BackendService", "backends"),
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
    for user, its_input in USED_BY.get(type_token, ()):
        for record in kept.of(user):
            if _names(record["inputs"].get(its_input), there):
                raise CloudError(f"{type_token} {there.id} is used by {user} {record['id']}")
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


def _names(reference: Any, there: Found) -> bool:  # noqa: ANN401 JSON
    """By its identifier, its address or its name, at any depth."""
    if isinstance(reference, Mapping):
        return any(_names(part, there) for part in reference.values())
    if isinstance(reference, list):
        return any(_names(part, there) for part in reference)
    last = there.id.rpartition("/")[2]
    known = {there.id, last, there.computed.get("selfLink"), there.computed.get("address")} - {None}
    return reference in known
