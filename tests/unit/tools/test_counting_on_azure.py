"""What single calls of Cosmos DB are reckoned to cost; that the world is asked, tests/e2e/azure/test_bill.py shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

import pytest

from functions.adapters.azure.layout import Container
from tests.azure.serving import Answer, Request
from tests.e2e.azure.counting import insert_units, query_units, read_units, request_units

BARE = Container(name="bare", partition_key="/id")
INDEXED = Container(
    name="indexed",
    partition_key="/id",
    indexed=("/kind/?", "/status/?"),
    composites=((("/status", "ascending"), ("/position", "ascending")),),
    expires=True,
)
Write: TypeAlias = tuple[str, int, Mapping[str, Any]]
"""A verb, the status that it was answered with, and the item that it made."""
CONTAINERS = {each.name: each for each in (BARE, INDEXED)}


def sized(kilobytes: float) -> Mapping[str, Any]:
    """An item that is as long in JSON."""
    around = len(json.dumps({"body": ""}))
    return {"body": "x" * (int(kilobytes * 1024) - around)}


def asked(path: str, answer: object, body: object = None, **headers: str) -> float:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    method = "GET" if body is None else "POST"
    request = Request(method=method, path=path, query={}, headers=named, body=json.dumps(body).encode())
    return request_units(CONTAINERS, request, Answer(status=200, body=json.dumps(answer).encode()))


def batch(container: str, *writes: Write) -> float:
    operations = [{"operationType": verb} for verb, _, _ in writes]
    results = [{"statusCode": status, "resourceBody": item} for _, status, item in writes]
    return asked(f"/dbs/d/colls/{container}/docs", results, operations, x_ms_cosmos_is_batch_request="True")


@pytest.mark.parametrize(("kilobytes", "units"), [(0.1, 2), (1, 2), (100, 20), (50.5, 11)])
def test_a_read_costs_by_its_size_and_twice_with_strong_consistency(kilobytes: float, units: float) -> None:
    assert read_units(sized(kilobytes)) == pytest.approx(units)


def test_what_is_not_there_costs_a_read_too() -> None:
    assert asked("/dbs/d/colls/bare/docs/order-1", {"code": "404"}) == 2


def test_an_insertion_costs_by_each_kilobyte_and_by_what_of_it_is_indexed() -> None:
    assert insert_units(sized(1), BARE) == 5.5
    assert insert_units(sized(1.5), BARE) == 11
    assert insert_units({"kind": "order"}, INDEXED) == 6
    assert insert_units({"kind": "order", "status": "PAID", "position": "1"}, INDEXED) == 7


def test_a_batch_costs_each_of_its_writes_and_a_replacement_twice_as_much() -> None:
    created: Write = ("Create", 201, {})
    assert batch("bare", created, created) == 11
    assert batch("bare", created, ("Replace", 200, {})) == 5.5 + 11
    assert batch("bare", ("Patch", 200, {})) == 11


def test_a_batch_that_is_refused_costs_a_read() -> None:
    assert batch("bare", ("Create", 424, {}), ("Create", 409, {})) == 2


def test_what_will_expire_costs_its_deletion_too() -> None:
    assert batch("indexed", ("Create", 201, {"ttl": 60})) == 11
    assert batch("indexed", ("Create", 201, {"ttl": -1})) == 5.5
    assert batch("bare", ("Create", 201, {"ttl": 60})) == 5.5


def test_a_query_costs_itself_and_what_it_finds() -> None:
    assert query_units([]) == pytest.approx(5.6)
    found = {"Documents": [{"id": "1"}, {"id": "2"}]}
    assert asked("/dbs/d/colls/bare/docs", found, {"query": "SELECT"}) == pytest.approx(5.6 + 4)


@pytest.mark.parametrize(
    ("path", "body"), [("/", None), ("/dbs/d/colls/bare", None), ("/dbs/d/colls/bare/docs", {"query": "SELECT"})]
)
def test_what_the_client_asks_to_find_its_way_costs_nothing(path: str, body: object) -> None:
    """The account, a container, the plan of a query."""
    assert asked(path, {"queryInfo": {}}, body) == 0
