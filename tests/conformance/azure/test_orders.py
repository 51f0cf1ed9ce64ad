"""Orders when Cosmos DB does what was asked of it and its answer is lost, and what each method costs in calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.adapters.azure import layout
from functions.domain.errors import KeyReusedError, RetryableError, VersionConflictError
from functions.domain.order import OrderStatus
from functions.ports import IdempotencyRecord
from tests.conformance.azure_target import AzureTarget
from tests.unit.functions.orders import CUPS, NOON, placed

LOST = None


def key_of(order_id: str, *, body: str = "digest", hours: int = 1) -> IdempotencyRecord:
    return IdempotencyRecord(
        tenant="acme", key="key-1", body_sha256=body, order_id=order_id, expires_at=NOON + timedelta(hours=hours)
    )


@pytest.mark.parametrize("has_key", [False, True])
def test_an_order_whose_answer_was_lost_is_placed_once(azure: AzureTarget, has_key: bool) -> None:
    order, events = placed()
    azure.cosmos.fail_next("Batch", LOST, after=True)
    assert azure.orders.add(order, events, key_of(order.order_id) if has_key else None) == order
    assert azure.feed() == [events[0].id]


def test_an_append_whose_answer_was_lost_is_found_by_whoever_decides_again(azure: AzureTarget) -> None:
    order = azure.orders.add(*placed(), None)
    azure.cosmos.fail_next("Batch", LOST, after=True)
    with pytest.raises(VersionConflictError):
        azure.orders.append(*order.reserve(NOON))
    again = azure.orders.get("acme", order.order_id)
    assert again.reserve(NOON) == (again, ())
    assert azure.feed() == [f"{order.order_id}:1", f"{order.order_id}:2"]


def test_contention_over_an_order_is_a_version_conflict(azure: AzureTarget) -> None:
    order = azure.orders.add(*placed(), None)
    azure.cosmos.fail_next("Batch", 449)
    with pytest.raises(VersionConflictError):
        azure.orders.append(*order.reserve(NOON))
    azure.orders.append(*order.reserve(NOON))


def test_contention_over_a_new_order_is_over_when_it_is_placed_again(azure: AzureTarget) -> None:
    order, events = placed()
    azure.cosmos.fail_next("Batch", 449)
    assert azure.orders.add(order, events, key_of(order.order_id)) == order
    assert azure.feed() == [events[0].id]


def test_an_order_is_not_placed_in_anothers_place(azure: AzureTarget) -> None:
    order, events = placed()
    azure.orders.add(order, events, None)
    azure.orders.append(*order.reserve(NOON))
    other, others = placed(CUPS)
    moved = replace(other, order_id=order.order_id), tuple(replace(each, order_id=order.order_id) for each in others)
    with pytest.raises(RetryableError):
        replace(azure.orders, items=replace(azure.orders.items, pause=lambda _: None)).add(*moved, None)
    assert azure.orders.get("acme", order.order_id).lines == order.lines


def test_a_key_that_has_expired_here_and_not_yet_there_is_taken_over(azure: AzureTarget) -> None:
    first, events = placed()
    azure.orders.add(first, events, key_of(first.order_id))
    second, events = placed(at=NOON + timedelta(hours=2))
    azure.orders.add(second, events, key_of(second.order_id, body="other", hours=3))
    assert azure.items(layout.ORDERS)["key-key-1"]["order_id"] == second.order_id
    third, events = placed(at=NOON + timedelta(hours=2))
    with pytest.raises(KeyReusedError):
        azure.orders.add(third, events, key_of(third.order_id))


def test_a_key_that_cosmos_has_let_expire_is_remembered_anew(azure: AzureTarget) -> None:
    first, events = placed()
    azure.orders.add(first, events, key_of(first.order_id))
    azure.cosmos.store.now += 3600
    assert "key-key-1" not in azure.items(layout.ORDERS)
    second, events = placed(at=NOON + timedelta(hours=1))
    assert azure.orders.add(second, events, key_of(second.order_id, body="other", hours=2)) == second


def test_pages_and_timelines_are_whole_however_many_answers_they_take(azure: AzureTarget) -> None:
    made = [azure.orders.add(*placed(at=NOON + timedelta(minutes=minute)), None) for minute in range(5)]
    azure.orders.append(*made[0].reserve(NOON))
    azure.cosmos.most_at_once = 1
    page = azure.orders.page("acme", None, 4, None)
    assert [order.order_id for order in page.orders] == [order.order_id for order in reversed(made[1:])]
    assert [event.version for event in azure.orders.timeline("acme", made[0].order_id)] == [1, 2]


def test_stale_orders_are_merged_from_every_partition(azure: AzureTarget) -> None:
    made = [
        azure.orders.add(*placed(tenant=f"tenant-{minute}", at=NOON + timedelta(minutes=minute)), None)
        for minute in (3, 1, 4, 0, 5, 2)
    ]
    azure.cosmos.most_at_once = 1
    stale = azure.orders.stale(OrderStatus.PLACED, NOON + timedelta(minutes=5), 4)
    oldest_first = sorted(made, key=lambda order: order.placed_at)
    assert [order.order_id for order in stale] == [order.order_id for order in oldest_first[:4]]


def test_what_each_method_asks_of_cosmos(azure: AzureTarget) -> None:
    order, events = placed()
    methods: dict[Callable[[], object], list[str]] = {
        lambda: azure.orders.add(order, events, key_of(order.order_id)): ["Batch"],
        lambda: azure.orders.add(order, events, key_of(order.order_id)): ["Batch", "Query"],
        lambda: azure.orders.append(*order.reserve(NOON)): ["Batch"],
        lambda: azure.orders.get("acme", order.order_id): ["Read"],
        lambda: azure.orders.timeline("acme", order.order_id): ["Query"],
        lambda: azure.orders.page("acme", OrderStatus.PLACED, 100, None): ["Query"],
        lambda: azure.orders.stale(OrderStatus.PLACED, NOON, 100): ["Query", "Plan", "Query", "Query"],
        lambda: azure.orders.forget_keys(NOON): [],
    }
    for method, calls in methods.items():
        azure.cosmos.calls.clear()
        method()
        assert azure.cosmos.calls == calls
