"""How Google Cloud answers: what it computes once and what anew, and what it refuses to make or to let go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.engine.gcp.provider import deletions
from tests.engine.gcp.provider.vendor import COMPUTED_ANEW, COMPUTED_WITHIN
from tests.engine.simulated.cloud import Asked, CloudError, Found
from tests.engine.simulated.file_cloud import Kept, key_of, refuse_second
from tests.gcp import outputs, recorded
from tests.gcp.limits import MEMBERS
from tests.gcp.refused_apis import APIS, BESIDES

SERVICE = "gcp:projects/service:Service"
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
LOG_BUCKET = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
KEPT: Mapping[str, str] = {
    LOG_BUCKET: "which takes 7 days, and cannot be changed meanwhile",
    ROLE: "and its id is blocked from the 7th to the 37th day after",
}
"""By type, why what was deleted cannot be had again, whatever day it is here."""
ADOPTED = frozenset(
    {
        *MEMBERS,
        SERVICE,
        LOG_BUCKET,
        "gcp:projects/serviceIdentity:ServiceIdentity",
        "gcp:firestore/field:Field",
        "gcp:logging/projectSink:ProjectSink",
        "gcp:storage/bucketObject:BucketObject",
    }
)
"""What the provider takes as it is, or overwrites, where it is there already."""


class GcpRules:
    """Left out: every delay, as that of an API that was just enabled, or the minutes in which a deleted database's name
    is still taken; the week in which a deleted custom role can be undeleted; and what functions wrote.
    """

    def found(self, asked: Asked, before: Found | None, kept: Kept) -> Found:
        known = {**asked.inputs, **_counted(asked, kept)}
        resource_id, computed = outputs.computed(asked.type, asked.name, known, recorded.place(asked.provider))
        if before is None:
            return Found(id=resource_id, inputs=dict(asked.inputs), computed=computed)
        return Found(id=before.id, inputs=dict(asked.inputs), computed=_changed(asked.type, before.computed, computed))

    def refuse_creation(self, asked: Asked, found: Found, kept: Kept) -> None:
        """An API is there at once when it has been enabled, as it is not on Google Cloud."""
        for api in _missing(asked, kept):
            raise CloudError(f"{asked.type} {found.id}: {api} has not been used in the project before or is disabled")
        if asked.type in KEPT and key_of(asked.type, found.id) in kept.deleted:
            raise CloudError(f"{asked.type} {found.id} was deleted, {KEPT[asked.type]}")
        if asked.type not in ADOPTED:
            refuse_second(asked, found, kept)

    def goes(self, type_token: str, there: Found, kept: Kept) -> list[str]:
        deletions.refuse(type_token, there, kept)
        return [] if deletions.stays(type_token, there) else [key_of(type_token, there.id)]


def _counted(asked: Asked, kept: Kept) -> Mapping[str, Any]:
    """What is made again is another one, whose numbers are others; a secret counts its versions for good."""
    life = {"life": sum(kept.deleted.values())}
    if asked.type != VERSION:
        return life
    keys = {key for key in (*kept.there, *kept.deleted) if key.startswith(f"{VERSION} {asked.inputs['secret']}/")}
    return {**life, "version": len(keys) + 1}


def _changed(type_token: str, before: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """What was computed stays as it is, within what is given too, but for what an update computes anew."""
    lasting = {name: value for name, value in before.items() if name not in COMPUTED_ANEW.get(type_token, ())}
    within = {
        name: {**fresh[name], **{part: before[name][part] for part in parts}}
        for name, parts in COMPUTED_WITHIN.get(type_token, {}).items()
    }
    return {**fresh, **lasting, **within}


def _missing(asked: Asked, kept: Kept) -> Iterator[str]:
    enabled = {record["inputs"]["service"] for record in kept.of(SERVICE)}
    apis = (*filter(None, [APIS.get(asked.kind.partition(".")[0])]), *BESIDES.get(asked.kind, ()))
    return (f"{api}.googleapis.com" for api in apis if f"{api}.googleapis.com" not in enabled)
