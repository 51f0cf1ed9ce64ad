"""Where things are: what has to be there before, what goes with what, and what has a name that is everybody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.engine.simulated.cloud import Asked, Found
from tests.engine.simulated.file_cloud import Kept

MADE_WITH_THEIR_PARENTS = ("/blobServices/default",)
"""Parents that nobody makes."""
EVERYBODYS = (
    "azure-native:apimanagement:ApiManagementService",
    "azure-native:cosmosdb:DatabaseAccount",
    "azure-native:keyvault:Vault",
    "azure-native:servicebus:Namespace",
    "azure-native:storage:StorageAccount",
    "azure-native:web:WebApp",
)
"""What has its name as that of a host."""
OF_DATA = "/dbs/"
"""In Cosmos DB's own names of data, the end of the account's identifier."""


def last_part(identifier: str) -> str:
    return identifier.rpartition("/")[2]


def missing(asked: Asked, found: Found, kept: Kept) -> list[str]:
    """The identifiers of what it lies in or speaks of, and is not there."""
    there = {record["id"] for record in kept.there.values()}
    needed = dict.fromkeys([*_parents(found.id), *_references(asked.inputs)])
    return [each for each in needed if each not in there and each != found.id]


def below(identifier: str, kept: Kept) -> Iterator[str]:
    """The keys of what goes with it."""
    return (key for key, record in kept.there.items() if record["id"].startswith(f"{identifier}/"))


def namesake(type_token: str, identifier: str, kept: Kept) -> str | None:
    """What has the name already, that nothing else in the world may have."""
    if type_token not in EVERYBODYS:
        return None
    others = (record["id"] for record in kept.of(type_token) if record["id"] != identifier)
    return next((other for other in others if last_part(other) == last_part(identifier)), None)


def _parents(identifier: str) -> Iterator[str]:
    """Those in a resource group, outermost first: a subscription is always there."""
    parts = identifier.split("/")
    for end in range(5, len(parts), 2):
        parent = "/".join(parts[:end])
        is_namespace = parts[end - 2] == "providers"
        if _is_in_a_group(parent) and not is_namespace and not parent.endswith(MADE_WITH_THEIR_PARENTS):
            yield parent


def _references(value: Any) -> Iterator[str]:  # noqa: ANN401 JSON
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)
    elif isinstance(value, str) and _is_in_a_group(value):
        yield value.partition(OF_DATA)[0]


def _is_in_a_group(value: str) -> bool:
    return value.startswith("/subscriptions/") and "/resourceGroups/" in value
