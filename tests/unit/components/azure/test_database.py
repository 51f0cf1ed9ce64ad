"""What only Cosmos DB has: an account without keys, containers as the adapter lays them out, roles for its data."""

from __future__ import annotations

import pytest

from components.azure._store import ACTIONS, Access
from components.database import Database, DatabaseArgs
from components.function import Function
from functions.adapters.azure import layout
from tests.azure.reading import settings
from tests.graph import Graph, Resource
from tests.unit.components.azure.access import May, may
from tests.unit.components.azure.place import BLOCK
from tests.unit.components.making import Make, function_args, made_alone

ARGS = DatabaseArgs(deletion_protection=False, point_in_time_recovery=False)


@pytest.fixture(scope="module")
def graph() -> Graph:
    """A database, one that reads, one that writes and one that follows its feed."""

    def wire(make: Make) -> None:
        database = make(Database, "orders", ARGS)
        make(Function, "reads", function_args(database.reader()))
        make(Function, "writes", function_args(database.writer()))
        make(Function, "relay", function_args(trigger=database.changes()))

    return made_alone("azure", wire)


def made(args: DatabaseArgs, **azure: object) -> Graph:
    def wire(make: Make) -> None:
        make(Database, "orders", args)

    return made_alone("azure", wire, azure={**BLOCK, **azure})


def account(graph: Graph) -> Resource:
    return graph.one("cosmosdb.DatabaseAccount", "orders")


def test_the_account_has_no_keys_and_the_consistency_that_the_adapters_count_on(graph: Graph) -> None:
    inputs = account(graph).inputs
    assert (inputs["disableLocalAuth"], inputs["disableKeyBasedMetadataWriteAccess"]) == (True, True)
    assert inputs["minimalTlsVersion"] == "Tls12"
    assert inputs["consistencyPolicy"] == {"defaultConsistencyLevel": layout.CONSISTENCY}


def test_paid_for_by_the_request_nothing_asks_for_throughput(graph: Graph) -> None:
    """A serverless account refuses it, of databases and of containers."""
    assert account(graph).inputs["capabilities"] == [{"name": "EnableServerless"}]
    assert "options" not in graph.one("cosmosdb.SqlResourceSqlDatabase", "orders").inputs
    assert not any("options" in found.inputs for found in graph.of("cosmosdb.SqlResourceSqlContainer").values())


def test_with_a_capacity_the_database_grows_to_it_and_its_containers_share_it() -> None:
    graph = made(ARGS, database_capacity=4000)
    assert "capabilities" not in account(graph).inputs
    options = graph.one("cosmosdb.SqlResourceSqlDatabase", "orders").inputs["options"]
    assert options == {"autoscaleSettings": {"maxThroughput": 4000}}
    assert not any("options" in found.inputs for found in graph.of("cosmosdb.SqlResourceSqlContainer").values())


def test_its_containers_are_those_that_the_adapters_know_and_one_for_leases(graph: Graph) -> None:
    found = {
        each.inputs["containerName"]: (
            each.inputs["resource"]["partitionKey"],
            each.inputs["resource"].get("defaultTtl"),
        )
        for each in graph.of("cosmosdb.SqlResourceSqlContainer").values()
    }
    wanted = {each.name: (each.partition_key, -1 if each.expires else None) for each in layout.CONTAINERS}
    assert found == {
        name: ({"paths": [path], "kind": "Hash", "version": 2}, ttl)
        for name, (path, ttl) in {**wanted, layout.LEASES: ("/id", None)}.items()
    }


def test_only_what_queries_ask_for_is_indexed(graph: Graph) -> None:
    policy = graph.one("cosmosdb.SqlResourceSqlContainer", "orders-orders").inputs["resource"]["indexingPolicy"]
    (orders,) = [each for each in layout.CONTAINERS if each.name == layout.ORDERS]
    assert [each["path"] for each in policy["includedPaths"]] == list(orders.indexed)
    assert policy["excludedPaths"] == [{"path": "/*"}]
    assert policy["compositeIndexes"] == [
        [{"path": path, "order": order} for path, order in composite] for composite in orders.composites
    ]


def test_the_account_is_changed_one_thing_at_a_time(graph: Graph) -> None:
    """Cosmos DB refuses what comes while it is at something else."""
    changes = [
        found
        for found in graph
        if found.kind.startswith("cosmosdb.SqlResourceSql") and found.kind != "cosmosdb.SqlResourceSqlDatabase"
    ]
    assert len(changes) == len(layout.CONTAINERS) + 1 + len(Access) + 4
    ordered = [
        (one, other)
        for number, one in enumerate(changes)
        for other in changes[number + 1 :]
        if graph.comes_after(one, other) or graph.comes_after(other, one)
    ]
    assert len(ordered) == len(changes) * (len(changes) - 1) // 2


def test_reading_and_writing_are_roles_on_the_database(graph: Graph) -> None:
    on = "/dbs/orders"
    assert {each for each in may(graph, "reads") if each.on.startswith("/")} == {May(role="orders-read", on=on)}
    assert {each for each in may(graph, "writes") if each.on.startswith("/")} == {May(role="orders-write", on=on)}


def test_the_relay_follows_the_orders_and_keeps_the_leases_and_reads_nothing_else(graph: Graph) -> None:
    assert {each for each in may(graph, "relay") if each.on.startswith("/")} == {
        May(role="orders-follow", on="/dbs/orders/colls/orders"),
        May(role="orders-lease", on="/dbs/orders/colls/leases"),
    }


def test_no_role_but_that_for_leases_may_delete_and_none_has_a_wildcard() -> None:
    deletes = {access for access, actions in ACTIONS.items() if any("delete" in action for action in actions)}
    assert deletes == {Access.LEASE}
    assert not [action for actions in ACTIONS.values() for action in actions if "*" in action]


def test_roles_are_our_own_and_assignable_in_the_account_alone(graph: Graph) -> None:
    for found in graph.of("cosmosdb.SqlResourceSqlRoleDefinition").values():
        assert (found.inputs["type"], found.inputs["assignableScopes"]) == ("CustomRole", [account(graph).id])


def test_the_relay_finds_account_database_and_dead_letters_by_identity(graph: Graph) -> None:
    told = settings(graph.one("web.WebApp", "relay"))
    assert told["COSMOS__accountEndpoint"] == account(graph).state["documentEndpoint"]
    assert (told["COSMOS__credential"], told["COSMOS__clientId"]) == ("managedidentity", told["AZURE_CLIENT_ID"])
    assert told["ORDERLY_DATABASE"] == "orders"
    assert told["ORDERLY_DEAD_LETTERS"].endswith(".servicebus.windows.net/orders-feed-dead-letters")


def test_an_app_is_not_made_before_its_role_on_the_data_is_assigned(graph: Graph) -> None:
    app = graph.one("web.WebApp", "reads")
    assert graph.comes_after(app, graph.one("cosmosdb.SqlResourceSqlRoleAssignment", "orders-reads-read"))


def test_recovery_to_any_point_is_kept_for_seven_days_where_it_is_asked_for() -> None:
    asked = DatabaseArgs(deletion_protection=False, point_in_time_recovery=True)
    assert account(made(asked)).inputs["backupPolicy"] == {
        "type": "Continuous",
        "continuousModeProperties": {"tier": "Continuous7Days"},
    }


def test_nobody_gets_continuous_backup_unasked(graph: Graph) -> None:
    """It cannot be turned off again."""
    assert account(graph).inputs["backupPolicy"]["type"] == "Periodic"


def test_account_database_and_containers_are_protected_together() -> None:
    graph = made(DatabaseArgs(deletion_protection=True, point_in_time_recovery=True))
    data = ("cosmosdb.DatabaseAccount", "cosmosdb.SqlResourceSqlDatabase", "cosmosdb.SqlResourceSqlContainer")
    assert {found.protect for kind in data for found in graph.of(kind).values()} == {True}


def test_the_account_is_in_one_location_and_so_may_be_serverless(graph: Graph) -> None:
    assert account(graph).inputs["locations"] == [
        {"locationName": "westeurope", "failoverPriority": 0, "isZoneRedundant": False}
    ]
