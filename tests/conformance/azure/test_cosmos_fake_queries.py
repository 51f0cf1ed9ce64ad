"""The fake of Cosmos DB reads the SQL that the adapters send, wants its indexes, and refuses all other."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from azure.cosmos import ContainerProxy
from azure.cosmos.exceptions import CosmosHttpResponseError

from functions.adapters.azure import layout
from functions.adapters.azure.items import Items, Write, create
from tests.azure.cosmos_fake import CosmosFake
from tests.azure.loopback_clients import LoopbackClients

TENANTS = ("acme", "initech", "umbrella", "globex")
BY_STATUS = "SELECT VALUE c.body FROM c WHERE c.status = @status ORDER BY c.status ASC, c.position"


@pytest.fixture
def orders(clients: LoopbackClients) -> Items:
    items = Items(lambda: clients.database.get_container_client(layout.ORDERS), "tenant")
    for place, tenant in enumerate(TENANTS):
        items.write(tenant, [order(place), order(place + 4), create("other", {"kind": "event", "body": "none"})])
    return items


def order(place: int) -> Write:
    fields = {
        "kind": "order",
        "status": "PLACED" if place % 2 else "PAID",
        "position": f"{place:03}",
        "body": f"{place}",
    }
    return create(f"order-{place}", fields)


def refusal(query: str, orders: Items, values: Mapping[str, str] | None = None) -> str:
    with pytest.raises(CosmosHttpResponseError) as refused:
        orders.find("acme", query, values or {})
    return str(refused.value.http_error_message)


def test_a_query_of_one_partition_sees_no_other(orders: Items) -> None:
    assert orders.find("acme", 'SELECT VALUE c.body FROM c WHERE c.kind = "order"', {}) == ["0", "4"]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("c.position < @it", ["0"]),
        ("c.position <= @it", ["0", "4"]),
        ("c.position > @it", []),
        ("c.position >= @it", ["4"]),
        ("c.position = @it", ["4"]),
        ('c.id IN (@it, "order-0")', ["0"]),
        ("c.position < 4", []),
    ],
)
def test_conditions_compare_values_of_one_type(orders: Items, condition: str, found: list[str]) -> None:
    assert orders.find("acme", f"SELECT VALUE c.body FROM c WHERE {condition}", {"it": "004"}) == found  # noqa: S608


def test_items_without_what_a_query_is_ordered_by_are_not_in_it(orders: Items) -> None:
    assert orders.find("acme", "SELECT VALUE c.body FROM c ORDER BY c.position DESC", {}) == ["4", "0"]


@pytest.mark.parametrize("at_once", [1, 2, 1000])
@pytest.mark.parametrize(("direction", "found"), [("ASC", ["1", "3", "5", "7"]), ("DESC", ["7", "5", "3", "1"])])
def test_a_query_of_all_partitions_is_merged_by_the_client(
    fake: CosmosFake, orders: Items, at_once: int, direction: str, found: list[str]
) -> None:
    fake.most_at_once = at_once
    assert orders.find_everywhere(f"{BY_STATUS} {direction}", {"status": "PLACED"}, limit=10) == found
    assert orders.find_everywhere(f"{BY_STATUS} {direction}", {"status": "PLACED"}, limit=3) == found[:3]


def test_the_tenants_lie_in_two_partitions_so_that_there_is_something_to_merge(fake: CosmosFake, orders: Items) -> None:
    fake.calls.clear()
    orders.find_everywhere(f"{BY_STATUS} ASC", {"status": "PAID"}, limit=10)
    assert fake.calls == ["Query", "Plan", "Query", "Query"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT VALUE c.body FROM c WHERE c.body = @it", "no index of body"),
        ("SELECT VALUE c.body FROM c ORDER BY c.version", "order-by item is excluded"),
        ("SELECT VALUE c.body FROM c ORDER BY c.status ASC, c.order_id ASC", "composite index"),
        ("SELECT VALUE c.body FROM c ORDER BY c.position ASC, c.status ASC", "composite index"),
    ],
)
def test_a_query_without_an_index_is_refused(orders: Items, query: str, why: str) -> None:
    assert why in refusal(query, orders, {"it": "0"})


def test_a_composite_index_serves_its_order_and_the_whole_of_it_backwards(orders: Items) -> None:
    backwards = "SELECT VALUE c.body FROM c ORDER BY c.status DESC, c.position DESC"
    assert orders.find("acme", backwards, {}) == ["4", "0"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT TOP 1 * FROM c",
        "SELECT c.body FROM c",
        "SELECT * FROM orders",
        "SELECT * FROM c WHERE c.kind = @it OR c.status = @it",
        "SELECT * FROM c WHERE NOT c.kind = @it",
        "SELECT * FROM c WHERE c.kind != @it",
        "SELECT * FROM c WHERE STARTSWITH(c.id, @it)",
        "SELECT * FROM c OFFSET 1 LIMIT 1",
        "SELECT VALUE COUNT(1) FROM c",
    ],
)
def test_sql_that_no_adapter_sends_is_refused(orders: Items, query: str) -> None:
    assert "this fake of Cosmos DB does not know" in refusal(query, orders, {"it": "0"})


def test_a_query_of_all_partitions_has_to_say_that_it_is_one(orders: Items) -> None:
    container: ContainerProxy = orders.open()
    with pytest.raises(CosmosHttpResponseError, match="Cross partition query is required"):
        list(container.query_items("SELECT * FROM c"))
