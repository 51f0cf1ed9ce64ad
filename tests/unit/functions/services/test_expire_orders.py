"""Stale orders."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.domain.errors import VersionConflictError
from functions.domain.order import Order, OrderStatus
from functions.services.expire_orders import PAGE, ExpireOrders
from functions.services.order_changes import OrderChanges
from tests.unit.functions.orders import NOON, placed
from tests.unit.functions.services.memory import HandMovedClock, MemoryOrders

NOW = NOON + timedelta(hours=24)


@pytest.fixture
def orders() -> MemoryOrders:
    return MemoryOrders()


@pytest.fixture
def expire(orders: MemoryOrders) -> ExpireOrders:
    return ExpireOrders(changes=OrderChanges(orders=orders, clock=HandMovedClock(NOW)), after_hours=24)


def add(orders: MemoryOrders, *, hours_old: float, tenant: str = "acme") -> Order:
    order, events = placed(at=NOW - timedelta(hours=hours_old), tenant=tenant)
    return orders.add(order, events, None)


def test_only_orders_that_wait_for_longer_than_allowed_expire(orders: MemoryOrders, expire: ExpireOrders) -> None:
    old, other, young = add(orders, hours_old=25), add(orders, hours_old=30, tenant="other"), add(orders, hours_old=24)
    assert expire(NOW) == 2
    assert orders.get("acme", old.order_id).status is OrderStatus.EXPIRED
    assert orders.get("other", other.order_id).status is OrderStatus.EXPIRED
    assert orders.get("acme", young.order_id).status is OrderStatus.PLACED
    assert orders.get("acme", old.order_id).reason == "nothing happened to it for 24 hours"


def test_an_order_that_the_saga_works_on_is_left_alone(orders: MemoryOrders, expire: ExpireOrders) -> None:
    order = add(orders, hours_old=100)
    orders.append(*order.reserve(NOON))
    assert expire(NOW) == 0
    assert orders.get("acme", order.order_id).status is OrderStatus.RESERVED


def test_an_order_that_the_saga_takes_up_at_that_moment_is_left_alone(
    orders: MemoryOrders, expire: ExpireOrders
) -> None:
    order = add(orders, hours_old=100)

    def reserve(about_to_be: Order) -> None:
        orders.before_append = lambda _: None
        orders.append(*order.reserve(NOON))

    orders.before_append = reserve
    assert expire(NOW) == 0
    assert orders.get("acme", order.order_id).status is OrderStatus.RESERVED


def test_stale_orders_expire_page_by_page(orders: MemoryOrders, expire: ExpireOrders) -> None:
    for number in range(2 * PAGE + 1):
        add(orders, hours_old=25 + number)
    assert expire(NOW) == 2 * PAGE + 1
    assert expire(NOW) == 0


def test_an_order_that_others_keep_changing_waits_for_the_next_time(orders: MemoryOrders, expire: ExpireOrders) -> None:
    busy, idle = add(orders, hours_old=40), add(orders, hours_old=30)

    def contend(about_to_be: Order) -> None:
        if about_to_be.order_id == busy.order_id:
            raise VersionConflictError("somebody was first")

    orders.before_append = contend
    assert expire(NOW) == 1
    assert orders.get("acme", idle.order_id).status is OrderStatus.EXPIRED
    assert orders.get("acme", busy.order_id).status is OrderStatus.PLACED
