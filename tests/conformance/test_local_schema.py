"""What the local target's schema adds to the ports' promises: speed by index, and facts that stay."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from functions.adapters.local.orders import LocalOrders
from functions.domain.order import OrderStatus
from functions.ports import PagePosition
from tests.conformance.local_target import LocalTarget, open_local
from tests.explaining import ExplainingConnection
from tests.unit.functions.orders import NOON, placed

T = TypeVar("T")
POSITION = PagePosition(placed_at=NOON, order_id="ord_1")


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalTarget]:
    with open_local(tmp_path) as target:
        yield target


@dataclass
class ExplainingClient:
    """Asks SQLite how it goes about each query, too."""

    local: LocalTarget
    plans: list[str] = field(default_factory=list)

    def read(self, database: str, query: Callable[[Any], T]) -> T:
        return self.local.client.read(database, lambda connection: query(ExplainingConnection(connection, self.plans)))

    def write(self, database: str, change: Callable[[Any], T]) -> T:
        return self.local.client.write(
            database, lambda connection: change(ExplainingConnection(connection, self.plans))
        )


def ask_for_everything(orders: LocalOrders, order_id: str) -> None:
    orders.timeline("acme", order_id)
    for status in (None, OrderStatus.PLACED):
        for after in (None, POSITION):
            orders.page("acme", status, 10, after)
    orders.stale(OrderStatus.PLACED, NOON, 10)
    orders.forget_keys(NOON)


def test_no_query_scans_or_sorts_a_table(local: LocalTarget) -> None:
    order = local.orders.add(*placed(), None)
    explaining: Any = ExplainingClient(local)
    ask_for_everything(LocalOrders(explaining, "orders"), order.order_id)
    assert len(explaining.plans) >= 8
    slow = [plan for plan in explaining.plans if plan.startswith("SCAN") or "TEMP B-TREE" in plan]
    assert slow == []


def test_a_page_is_found_by_its_place_and_not_by_counting(local: LocalTarget) -> None:
    explaining: Any = ExplainingClient(local)
    LocalOrders(explaining, "orders").page("acme", None, 10, POSITION)
    assert explaining.plans == [
        "SEARCH orders USING INDEX orders_by_tenant (tenant=? AND (placed_at_ms,order_id)<(?,?))"
    ]


def test_an_event_that_is_stored_can_not_be_changed(local: LocalTarget) -> None:
    local.orders.add(*placed(), None)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        local.client.write("orders", lambda connection: connection.execute("UPDATE events SET version = 2").rowcount)


def test_stock_is_never_below_what_is_reserved_whoever_writes_it(local: LocalTarget) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        local.client.write(
            "orders",
            lambda connection: (
                connection.execute("INSERT INTO stock (sku, on_hand, reserved) VALUES ('TEAPOT', 1, 2)").rowcount
            ),
        )


def test_what_is_reserved_for_an_order_outlives_the_process(tmp_path: Path) -> None:
    order, events = placed(at=NOON + timedelta(minutes=1))
    with open_local(tmp_path) as before:
        before.orders.add(order, events, None)
        before.inventory.reserve(order.order_id, order.lines)
    with open_local(tmp_path) as after:
        assert after.orders.get("acme", order.order_id) == order
        assert after.inventory.release(order.order_id) is True
