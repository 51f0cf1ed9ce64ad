"""The fake of Firestore answers queries as Firestore does, or says which index it would take."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from google.api_core import exceptions
from google.cloud.firestore import Client, FieldFilter, Query

from tests.unit.functions.orders import NOON

DESCENDING = Query.DESCENDING


@pytest.fixture
def orders(firestore: Client) -> Query:
    """Five of them, of which two are of one moment and one of none."""
    batch = firestore.batch()
    for name, status, minute in (("a", "OPEN", 3), ("b", "SHUT", 1), ("c", "OPEN", 2), ("d", "OPEN", 2)):
        batch.set(
            firestore.document(f"users/one/orders/{name}"),
            {"status": status, "placed_at": NOON.replace(minute=minute), "version": minute},
        )
    batch.set(firestore.document("users/one/orders/e"), {"status": "OPEN"})
    batch.set(firestore.document("users/two/orders/f"), {"status": "OPEN", "placed_at": NOON})
    batch.set(firestore.document("users/one/orders/a/orders/g"), {"status": "OPEN", "placed_at": NOON})
    batch.set(firestore.document("users/one/others/h"), {"status": "OPEN", "placed_at": NOON})
    batch.commit()
    collection: Query = firestore.collection("users/one/orders")._query()
    return collection


def ids(query: Query) -> str:
    return "".join(each.id for each in query.stream())


def newest_first(orders: Query) -> Query:
    return orders.order_by("placed_at", direction=DESCENDING).order_by("__name__", direction=DESCENDING)


def test_a_collection_is_neither_its_neighbours_nor_what_lies_below_it(orders: Query) -> None:
    assert ids(orders) == "abcde"


def test_what_lacks_a_field_is_not_in_its_order(orders: Query) -> None:
    assert ids(newest_first(orders)) == "adcb"
    assert ids(orders.order_by("placed_at")) == "bcda"


def test_a_limit_and_a_cursor_cut_the_order_where_they_say(orders: Query) -> None:
    assert ids(newest_first(orders).limit(2)) == "ad"
    second = {"placed_at": NOON.replace(minute=2), "__name__": "d"}
    assert ids(newest_first(orders).start_after(second)) == "cb"
    assert ids(newest_first(orders).start_at(second)) == "dcb"
    assert ids(newest_first(orders).end_before(second)) == "a"
    assert ids(newest_first(orders).start_after({"placed_at": NOON.replace(minute=2)})) == "b"


def test_equalities_and_ranges_are_met_by_all_that_is_found(orders: Query) -> None:
    is_open = FieldFilter("status", "==", "OPEN")
    assert ids(orders.where(filter=is_open)) == "acde"
    assert ids(newest_first(orders.where(filter=is_open))) == "adc"
    for operator, expected in (("<", "b"), ("<=", "bcd"), (">", "a"), (">=", "cda")):
        assert ids(orders.where(filter=FieldFilter("placed_at", operator, NOON.replace(minute=2)))) == expected


def test_a_range_compares_values_of_its_own_type_only(orders: Query) -> None:
    for operator in "<>":
        assert ids(orders.where(filter=FieldFilter("placed_at", operator, 5))) == ""
    assert ids(orders.where(filter=FieldFilter("version", "<", 2.5))) == "bcd"


def test_a_group_is_every_collection_of_that_name(firestore: Client, orders: Query) -> None:
    group = firestore.collection_group("orders").where(filter=FieldFilter("status", "==", "OPEN"))
    assert (
        ids(group.order_by("placed_at").where(filter=FieldFilter("placed_at", "<", NOON.replace(minute=3)))) == "gfcd"
    )


WITHOUT_INDEX: dict[str, Callable[[Client], Query]] = {
    "another direction": lambda client: (
        client.collection("orders").where(filter=FieldFilter("status", "==", "x")).order_by("placed_at")
    ),
    "another field": lambda client: (
        client.collection("orders")
        .where(filter=FieldFilter("tenant", "==", "x"))
        .order_by("placed_at", direction="DESCENDING")
    ),
    "another collection": lambda client: (
        client.collection("others")
        .where(filter=FieldFilter("status", "==", "x"))
        .order_by("placed_at", direction="DESCENDING")
    ),
    "another scope": lambda client: (
        client.collection_group("orders")
        .where(filter=FieldFilter("status", "==", "x"))
        .order_by("placed_at", direction="DESCENDING")
    ),
    "two orders": lambda client: client.collection("orders").order_by("placed_at").order_by("version"),
    "names the other way round": lambda client: (
        client.collection("orders").order_by("placed_at").order_by("__name__", direction="DESCENDING")
    ),
    "an exempt field": lambda client: client.collection("orders").order_by("body"),
    "one field of a group": lambda client: client.collection_group("orders").order_by("placed_at"),
}


@pytest.mark.parametrize("query", WITHOUT_INDEX)
def test_a_query_without_its_index_is_refused_even_where_there_is_nothing(firestore: Client, query: str) -> None:
    with pytest.raises(exceptions.FailedPrecondition, match="requires an index"):
        list(WITHOUT_INDEX[query](firestore).stream())
