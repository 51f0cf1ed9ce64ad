"""Orders when Firestore does what was asked of it and its answer is lost, and what each method costs in calls."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import grpc
import pytest
from google.api_core.exceptions import NotFound

from functions.adapters.gcp.documents import ATTEMPTS, ContentionError
from functions.adapters.gcp.orders import FirestoreOrders
from functions.domain.errors import KeyReusedError, RetryableError, VersionConflictError
from functions.domain.order import OrderStatus
from functions.ports import IdempotencyRecord
from tests.conformance.gcp_target import GcpTarget
from tests.unit.functions.orders import CUPS, NOON, placed

LOST = grpc.StatusCode.UNAVAILABLE
"""The client sends what ended so again by itself."""


def key_of(order_id: str, *, body: str = "digest", hours: int = 1) -> IdempotencyRecord:
    return IdempotencyRecord(
        tenant="acme", key="key-1", body_sha256=body, order_id=order_id, expires_at=NOON + timedelta(hours=hours)
    )


@pytest.fixture
def orders(gcp: GcpTarget) -> FirestoreOrders:
    """Who meets others does not wait."""
    return replace(gcp.orders, documents=replace(gcp.orders.documents, pause=lambda _: None))


@pytest.mark.parametrize("has_key", [False, True])
def test_an_order_whose_answer_was_lost_is_placed_once(gcp: GcpTarget, has_key: bool) -> None:
    order, events = placed()
    gcp.firestore.fail_next("Commit", LOST, after=True)
    assert gcp.orders.add(order, events, key_of(order.order_id) if has_key else None) == order
    assert gcp.feed() == [events[0].id]


def test_an_append_whose_answer_was_lost_is_found_by_whoever_decides_again(gcp: GcpTarget) -> None:
    order = gcp.orders.add(*placed(), None)
    gcp.firestore.fail_next("Commit", LOST, after=True)
    with pytest.raises(VersionConflictError):
        gcp.orders.append(*order.reserve(NOON))
    again = gcp.orders.get("acme", order.order_id)
    assert again.reserve(NOON) == (again, ())
    assert gcp.feed() == [f"{order.order_id}:1", f"{order.order_id}:2"]


def test_an_append_that_was_in_somebodys_way_is_done_again(gcp: GcpTarget, orders: FirestoreOrders) -> None:
    order = gcp.orders.add(*placed(), None)
    for _ in range(ATTEMPTS - 1):
        gcp.firestore.fail_next("Commit", grpc.StatusCode.ABORTED)
    orders.append(*order.reserve(NOON))
    assert gcp.feed() == [f"{order.order_id}:1", f"{order.order_id}:2"]


def test_an_append_that_is_always_in_somebodys_way_is_no_version_conflict(
    gcp: GcpTarget, orders: FirestoreOrders
) -> None:
    """Nobody has written the next version: to decide anew would change nothing."""
    order = gcp.orders.add(*placed(), None)
    for _ in range(ATTEMPTS):
        gcp.firestore.fail_next("Commit", grpc.StatusCode.ABORTED)
    with pytest.raises(ContentionError):
        orders.append(*order.reserve(NOON))
    assert gcp.feed() == [f"{order.order_id}:1"]


def test_of_writers_who_meet_one_wins_and_the_others_find_its_event(gcp: GcpTarget, orders: FirestoreOrders) -> None:
    order = gcp.orders.add(*placed(), None)
    gcp.firestore.calls.clear()
    gcp.firestore.let_meet(8)

    def write(_: int) -> bool:
        try:
            orders.append(*order.reserve(NOON))
        except VersionConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1
    assert gcp.firestore.calls.count("Commit") >= 8 + 7
    assert gcp.feed() == [f"{order.order_id}:1", f"{order.order_id}:2"]


def test_an_append_to_an_order_that_is_not_there_is_no_version_conflict(gcp: GcpTarget) -> None:
    order, _ = placed()
    with pytest.raises(NotFound):
        gcp.orders.append(*order.reserve(NOON))


def test_an_order_is_not_placed_in_anothers_place(gcp: GcpTarget, orders: FirestoreOrders) -> None:
    order, events = placed()
    gcp.orders.add(order, events, None)
    gcp.orders.append(*order.reserve(NOON))
    other, others = placed(CUPS)
    moved = replace(other, order_id=order.order_id), tuple(replace(each, order_id=order.order_id) for each in others)
    with pytest.raises(RetryableError):
        orders.add(*moved, None)
    assert gcp.orders.get("acme", order.order_id).lines == order.lines


def test_a_key_that_firestore_has_deleted_meanwhile_is_remembered_anew(gcp: GcpTarget) -> None:
    first, events = placed()
    gcp.orders.add(first, events, key_of(first.order_id))
    second, events = placed(at=NOON + timedelta(hours=2))
    gcp.orders.add(second, events, key_of(second.order_id, body="other", hours=3))
    assert gcp.collection("users/acme/keys")["key-1"]["order_id"] == second.order_id
    third, events = placed(at=NOON + timedelta(hours=2))
    with pytest.raises(KeyReusedError):
        gcp.orders.add(third, events, key_of(third.order_id))


def test_what_each_method_asks_of_firestore(gcp: GcpTarget) -> None:
    order, events = placed()
    methods: dict[Callable[[], object], list[str]] = {
        lambda: gcp.orders.add(order, events, key_of(order.order_id)): ["BatchGetDocuments", "Commit"],
        lambda: gcp.orders.append(*order.reserve(NOON)): ["Commit"],
        lambda: gcp.orders.get("acme", order.order_id): ["BatchGetDocuments"],
        lambda: gcp.orders.timeline("acme", order.order_id): ["RunQuery"],
        lambda: gcp.orders.page("acme", OrderStatus.PLACED, 100, None): ["RunQuery"],
        lambda: gcp.orders.stale(OrderStatus.PLACED, NOON, 100): ["RunQuery"],
        lambda: gcp.orders.forget_keys(NOON): [],
    }
    for method, calls in methods.items():
        gcp.firestore.calls.clear()
        method()
        assert gcp.firestore.calls == calls
