"""The provider of Google Cloud, as far as its types are not like those of any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests import sdk
from tests.engine.gcp.provider.immutable import deletes_first, immutable
from tests.engine.simulated.cloud import Asked, Found
from tests.engine.simulated.vendor import Vendor
from tests.gcp.computed import SHAPES

ATTRIBUTION = {"goog-pulumi-provisioned": "true"}
"""What the provider puts on everything that has labels, unless it is told not to."""
COMPUTED_WITHIN: Mapping[str, Mapping[str, Collection[str]]] = {
    "gcp:cloudfunctionsv2/function:Function": {"serviceConfig": ("uri", "service")},
}
COMPUTED_ANEW: Mapping[str, Collection[str]] = {
    "gcp:cloudfunctionsv2/function:Function": ("updateTime",),
    "gcp:workflows/workflow:Workflow": ("revisionId", "updateTime"),
}


def _computed_names(type_token: str) -> Collection[str]:
    return SHAPES[type_token]


def _added(asked: Asked, found: Found) -> Mapping[str, Any]:
    """The resource's own labels win over the provider's."""
    if "pulumiLabels" not in sdk.computed_names(asked.type):
        return {}
    attribution = ATTRIBUTION if asked.provider.get("addPulumiAttributionLabel", True) else {}
    labels = {**attribution, **asked.provider.get("defaultLabels", {}), **found.inputs.get("labels", {})}
    return {"pulumiLabels": labels, "effectiveLabels": labels}


GCP = Vendor(
    package="gcp",
    version="10.2.0",
    immutable=immutable,
    deletes_first=deletes_first,
    computed_names=_computed_names,
    computed_within=COMPUTED_WITHIN,
    computed_anew=COMPUTED_ANEW,
    added=_added,
)
