"""The provider of AWS, as far as its types are not like those of any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests import sdk
from tests.aws import outputs
from tests.engine.aws.provider.immutable import immutable, physical_name_of
from tests.engine.simulated.cloud import Asked, Found
from tests.engine.simulated.vendor import Vendor


def _deletes_first(type_token: str, changed: Collection[str]) -> bool:
    """With another name the new resource can be made before the old one goes."""
    return physical_name_of(type_token) not in changed


def _computed_names(type_token: str) -> Collection[str]:
    return {*outputs.SHAPES[type_token], "codeSha256"}


def _added(asked: Asked, found: Found) -> Mapping[str, Any]:
    """The tags of the provider are on everything that has tags."""
    added: dict[str, Any] = {}
    if "tagsAll" in sdk.computed_names(asked.type):
        defaults = asked.provider.get("defaultTags", {}).get("tags", {})
        added["tagsAll"] = {**defaults, **found.inputs.get("tags", {})}
    if "code" in found.inputs:
        added["codeSha256"] = found.inputs["code"]
    return added


AWS = Vendor(
    package="aws",
    version="7.51.1",
    immutable=immutable,
    deletes_first=_deletes_first,
    computed_names=_computed_names,
    computed_anew={
        "aws:lambda/function:Function": (
            "version",
            "qualifiedArn",
            "qualifiedInvokeArn",
            "codeSha256",
            "lastModified",
        )
    },
    added=_added,
)
