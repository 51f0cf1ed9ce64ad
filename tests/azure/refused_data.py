"""Data that Azure does not take as it is asked to, lets everybody see, or takes back names of."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.azure.landscape import Landscape
from tests.graph import Resource

PARTS = (
    "cosmosdb.SqlResourceSqlDatabase",
    "cosmosdb.SqlResourceSqlContainer",
    "cosmosdb.SqlResourceSqlRoleDefinition",
    "cosmosdb.SqlResourceSqlRoleAssignment",
)


def capacity_of_what_is_serverless(land: Landscape) -> Iterator[str]:
    """Refused: what is paid for by the request has no capacity, and one location."""
    for account in _serverless(land):
        for part in _parts(land, account):
            if part.inputs.get("options"):
                yield f"{part.name} asks for a capacity; {account.name} is serverless"
        if len(account.inputs["locations"]) > 1:
            yield f"{account.name} is serverless, and in more than one location"


def capacity_that_nobody_said(land: Landscape) -> Iterator[str]:
    """Azure would take its least, which does not grow."""
    serverless = {each.id for each in _serverless(land)}
    for account in land.of("cosmosdb.DatabaseAccount"):
        if account.id not in serverless and not any(part.inputs.get("options") for part in _parts(land, account)):
            yield f"{account.name} is not serverless, and nothing says its capacity"


def capacity_that_is_no_thousand(land: Landscape) -> Iterator[str]:
    for account in land.of("cosmosdb.DatabaseAccount"):
        for part in _parts(land, account):
            most = part.inputs.get("options", {}).get("autoscaleSettings", {}).get("maxThroughput", 0)
            if most % 1000:
                yield f"{part.name} grows to {most}; autoscale goes by thousands"


def changes_at_once(land: Landscape) -> Iterator[str]:
    """Cosmos DB changes an account one thing at a time, and refuses what comes meanwhile."""
    for account in land.of("cosmosdb.DatabaseAccount"):
        parts = _parts(land, account)
        in_turn = sorted(parts, key=lambda part: sum(land.graph.comes_after(part, other) for other in parts))
        for one, next_one in pairwise(in_turn):
            if not land.graph.comes_after(next_one, one):
                yield f"{one.kind} {one.name} and {next_one.kind} {next_one.name} are made at once"


def bucket_open_to_the_public(land: Landscape) -> Iterator[str]:
    for account in land.of("storage.StorageAccount"):
        if account.inputs.get("allowBlobPublicAccess") is not False:
            yield f"{account.name} can be made public"
        if account.inputs.get("minimumTlsVersion") not in ("TLS1_2", "TLS1_3"):
            yield f"{account.name} takes connections that are not safe"
    for container in land.of("storage.BlobContainer"):
        if container.inputs.get("publicAccess") != "None":
            yield f"{container.name} is public"


def secret_in_the_state(land: Landscape) -> Iterator[str]:
    for secret in land.of("keyvault.Secret"):
        if "properties" not in secret.secrets:
            yield f"{secret.name} can be read in the state"


def vault_that_cannot_be_taken_back(land: Landscape) -> Iterator[str]:
    for vault in land.of("keyvault.Vault"):
        if vault.inputs["properties"].get("enableSoftDelete") is False:
            yield f"{vault.name} is gone with all its secrets at once when it is deleted"


def _serverless(land: Landscape) -> Iterator[Resource]:
    for account in land.of("cosmosdb.DatabaseAccount"):
        if {"name": "EnableServerless"} in account.inputs.get("capabilities", ()):
            yield account


def _parts(land: Landscape, account: Resource) -> list[Resource]:
    return [part for part in land.of(*PARTS) if part.inputs["accountName"] == account.inputs["accountName"]]


RULES = (
    capacity_of_what_is_serverless,
    capacity_that_nobody_said,
    capacity_that_is_no_thousand,
    changes_at_once,
    bucket_open_to_the_public,
    secret_in_the_state,
    vault_that_cannot_be_taken_back,
)
