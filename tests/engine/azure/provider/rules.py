"""How Azure answers: what it computes once and what anew, and what it refuses to make, to change or to let go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.azure import outputs
from tests.engine.azure.provider import deletions, places
from tests.engine.azure.provider.immutable import refused_changes
from tests.engine.azure.provider.vendor import COMPUTED_WITHIN, READ_BACK
from tests.engine.simulated.cloud import Asked, CloudError, Found
from tests.engine.simulated.file_cloud import Kept, key_of

ASSIGNMENT = "azure-native:authorization:RoleAssignment"
ASSIGNMENTS = (ASSIGNMENT, "azure-native:cosmosdb:SqlResourceSqlRoleAssignment")
ACTS = ("azure-native:managedidentity:UserAssignedIdentity", "azure-native:eventgrid:Topic")
"""What a role can be assigned to."""


class AzureRules:
    """Left out: every delay, as that of a role on its way; that Cosmos DB changes one thing at a time; locks, policies
    and quotas of a subscription; what a name was in another subscription; and what functions wrote.
    """

    def found(self, asked: Asked, before: Found | None, kept: Kept) -> Found:
        known = {**asked.inputs, "life": sum(kept.deleted.values())}
        resource_id, computed = outputs.computed(asked.type, asked.name, known, _subscription(asked))
        found = Found(id=resource_id, inputs=dict(asked.inputs), computed=computed)
        _refuse_missing(asked, found, kept)
        if before is None:
            return found
        for what in refused_changes(asked.type, before, asked.inputs):
            raise CloudError(f"{asked.type} {before.id}: {what} cannot be changed; it takes another one")
        lasting = _lasting(asked.type, before.computed, computed)
        return Found(id=before.id, inputs=dict(asked.inputs), computed=lasting)

    def refuse_creation(self, asked: Asked, found: Found, kept: Kept) -> None:
        if key_of(asked.type, found.id) in kept.there and asked.type not in deletions.ADOPTED:
            raise CloudError(f"cannot create already existing resource {found.id}")
        deletions.refuse_deleted_name(asked, found, kept)
        if other := places.namesake(asked.type, found.id, kept):
            raise CloudError(f"{asked.type} {found.id}: the name is everybody's, and taken by {other}")
        if asked.type in ASSIGNMENTS:
            _refuse_assignment(asked, kept)

    def goes(self, type_token: str, there: Found, kept: Kept) -> list[str]:
        if type_token in deletions.NEVER:
            return []
        deletions.refuse(type_token, there, kept)
        return deletions.goes(type_token, there, kept)


def _subscription(asked: Asked) -> str:
    return str(asked.provider.get("subscriptionId", outputs.SUBSCRIPTION))


def _refuse_missing(asked: Asked, found: Found, kept: Kept) -> None:
    for absent in places.missing(asked, found, kept):
        raise CloudError(f"{asked.type} {found.id}: {absent} was not found")


def _refuse_assignment(asked: Asked, kept: Kept) -> None:
    if asked.inputs["principalId"] not in _principals(kept):
        raise CloudError(f"{asked.type} {asked.name}: principal {asked.inputs['principalId']} was not found")
    triple = _triple(asked.inputs)
    if any(_triple(record["inputs"]) == triple for record in kept.of(asked.type)):
        raise CloudError(f"{asked.type} {asked.name}: the role assignment exists, by another name")


def _triple(inputs: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(inputs[name] for name in ("scope", "principalId", "roleDefinitionId"))


def _principals(kept: Kept) -> set[str]:
    acting = [record["computed"] for kind in ACTS for record in kept.of(kind)]
    own = {each["principalId"] for each in acting if "principalId" in each}
    return own | {each["identity"]["principalId"] for each in acting if each.get("identity")}


def _lasting(type_token: str, before: Mapping[str, Any], fresh: Mapping[str, Any]) -> dict[str, Any]:
    """What was computed stays as it is, within what is given too, but for what is given in another shape."""
    within = {
        name: {**fresh[name], **{part: before[name][part] for part in parts}}
        for name, parts in COMPUTED_WITHIN.get(type_token, {}).items()
    }
    reshaped = {name: fresh[name] for name in READ_BACK.get(type_token, ())}
    return {**fresh, **before, **within, **reshaped}
