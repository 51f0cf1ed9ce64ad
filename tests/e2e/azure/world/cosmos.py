"""Cosmos DB: the accounts that were recorded, each with the containers that were recorded in it, in our fake.

Time stands still in it: nothing expires.
"""

from __future__ import annotations

from collections.abc import Mapping

from functions.adapters.azure.layout import Container
from tests.azure.cosmos_fake.server import CosmosFake
from tests.e2e.world.records import Record, Records


class Account(CosmosFake):
    """Found at the address that it was recorded with: the client asks the account where it is."""

    def __init__(self, account: Record, containers: list[Container]) -> None:
        super().__init__(containers)
        self._address = str(account["documentEndpoint"])

    @property
    def endpoint(self) -> str:
        return self._address


def accounts(records: Records) -> Mapping[str, Account]:
    """By identifier. NotImplementedError for one that is less consistent than the fake."""
    return {account.id: _account(account, records) for account in records.of("cosmosdb.DatabaseAccount")}


def _account(account: Record, records: Records) -> Account:
    consistency = account["consistencyPolicy"]["defaultConsistencyLevel"]
    if consistency != "Strong":
        raise NotImplementedError(f"an account that is as consistent as {consistency}")
    containers = [
        _container(record)
        for record in records.of("cosmosdb.SqlResourceSqlContainer")
        if record["accountName"] == account["accountName"]
    ]
    return Account(account, containers)


def _container(record: Record) -> Container:
    resource = record["resource"]
    (key,) = resource["partitionKey"]["paths"]
    indexing = resource.get("indexingPolicy", {})
    return Container(
        name=resource["id"],
        partition_key=key,
        indexed=tuple(each["path"] for each in indexing.get("includedPaths", ())),
        composites=tuple(
            tuple((each["path"], each["order"]) for each in composite)
            for composite in indexing.get("compositeIndexes", ())
        ),
        expires="defaultTtl" in resource,
    )
