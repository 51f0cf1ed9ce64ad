"""The provider of Azure, as far as its types are not like those of any other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from tests.azure.computed import SHAPES
from tests.engine.azure.provider.immutable import deletes_first, immutable
from tests.engine.simulated.cloud import Asked, Found
from tests.engine.simulated.vendor import Part, Vendor

KNOWN_BEFORE = ("id", "name", "location")
"""All that the provider takes for sure in a preview of an update."""
COMPUTED_WITHIN: Mapping[str, Mapping[str, Collection[str]]] = {
    "azure-native:eventgrid:Topic": {"identity": ("principalId", "tenantId")},
    "azure-native:durabletask:Scheduler": {"properties": ("endpoint", "provisioningState")},
}
COMPUTED_ANEW: Mapping[str, Collection[str]] = {
    type_token: tuple(name for name in shape if name not in KNOWN_BEFORE) for type_token, shape in SHAPES.items()
}


def _identities(value: Any) -> Any:  # noqa: ANN401 JSON
    """A list goes in; a map comes back, which says who each of them is."""
    if not isinstance(value, Mapping):
        return value
    assigned = value.get("userAssignedIdentities", [])
    return {
        "type": value["type"],
        "userAssignedIdentities": assigned if isinstance(assigned, str) else sorted(assigned),
    }


READ_BACK: Mapping[str, Mapping[str, Part]] = {
    "azure-native:web:WebApp": {"identity": _identities},
    "azure-native:logic:Workflow": {"identity": _identities},
}


def _computed_names(type_token: str) -> Collection[str]:
    given = {*COMPUTED_WITHIN.get(type_token, ()), *READ_BACK.get(type_token, ())}
    return SHAPES[type_token].keys() - given


def _added(asked: Asked, found: Found) -> Mapping[str, Any]:
    return {}


AZURE = Vendor(
    package="azure-native",
    version="3.29.0",
    immutable=immutable,
    deletes_first=deletes_first,
    computed_names=_computed_names,
    computed_within=COMPUTED_WITHIN,
    computed_anew=COMPUTED_ANEW,
    read_back=READ_BACK,
    added=_added,
)
