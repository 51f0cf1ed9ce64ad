"""What Azure keeps of what was deleted, and what it does not delete.

What is asked is what the last `up` left, so a protection has to be taken away by an `up` of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.engine.azure.provider import places
from tests.engine.simulated.cloud import Asked, CloudError, Found
from tests.engine.simulated.file_cloud import Kept, key_of

VAULT = "azure-native:keyvault:Vault"
SECRET = "azure-native:keyvault:Secret"  # noqa: S105 a type
GATEWAY = "azure-native:apimanagement:ApiManagementService"
NEVER = frozenset(
    {
        "azure-native:storage:BlobServiceProperties",
        "azure-native:web:WebAppAuthSettingsV2",
        "azure-native:web:WebAppFtpAllowed",
        "azure-native:web:WebAppScmAllowed",
    }
)
"""What is there as long as its parent: the provider makes it as it was by default. Of authsettingsV2, which is not in
its list of defaults (`defaultResourcesState`), it is an assumption."""
ADOPTED = frozenset({*NEVER, "azure-native:servicebus:DefaultRule"})
"""What comes with its parent, and the provider overwrites."""
USED_BY: Mapping[str, tuple[str, str]] = {
    "azure-native:authorization:RoleDefinition": ("azure-native:authorization:RoleAssignment", "roleDefinitionId"),
    "azure-native:cosmosdb:SqlResourceSqlRoleDefinition": (
        "azure-native:cosmosdb:SqlResourceSqlRoleAssignment",
        "roleDefinitionId",
    ),
    "azure-native:web:AppServicePlan": ("azure-native:web:WebApp", "serverFarmId"),
}
"""By type, which resources keep one of it, and by which input they name it."""


def goes(type_token: str, there: Found, kept: Kept) -> list[str]:
    """The keys of what goes with it, itself first. Secrets stay in their vault, which is kept with what is in it."""
    own = key_of(type_token, there.id)
    return [own, *(key for key in places.below(there.id, kept) if not key.startswith(f"{SECRET} "))]


def refuse(type_token: str, there: Found, kept: Kept) -> None:
    """CloudError if it may not be deleted."""
    user, its_input = USED_BY.get(type_token, ("", ""))
    for record in kept.of(user):
        if record["inputs"].get(its_input) == there.id:
            raise CloudError(f"{type_token} {there.id} is used by {record['id']}")


def refuse_deleted_name(asked: Asked, found: Found, kept: Kept) -> None:
    """CloudError if its name is that of one that was deleted and is kept, unless it is that one that is asked for."""
    if asked.type not in (VAULT, GATEWAY):
        return
    is_asked_for = asked.inputs.get("restore") or asked.inputs.get("properties", {}).get("createMode") == "recover"
    is_deleted = any(places.last_part(key) == places.last_part(found.id) for key in kept.gone(asked.type))
    if is_deleted and not is_asked_for:
        raise CloudError(f"{asked.type} {found.id} was deleted and is kept with its name: recover or purge it")
    if is_asked_for and key_of(asked.type, found.id) not in kept.gone(asked.type):
        raise CloudError(f"{asked.type} {found.id} cannot be recovered: there is no deleted one of this name")
