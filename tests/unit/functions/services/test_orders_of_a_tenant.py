"""Placing, reading and cancelling orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain.errors import KeyReusedError, NotCancellableError, NotFoundError
from functions.domain.events import Event, EventType
from functions.domain.order import OrderStatus
from functions.services.cancel_order import CancelOrder
from functions.services.order_changes import OrderChanges
from functions.services.place_order import NewOrder, PlaceOrder
from functions.services.read_orders import ReadOrders
from tests.unit.functions.orders import CUPS, NOON, TEAPOTS
from tests.unit.functions.services.memory import HandMovedClock, MemoryOrders

NEW = NewOrder(
    tenant="acme",
    currency="EUR",
    lines=(TEAPOTS, CUPS),
    payment_method="sandbox-approve",
    idempotency_key=None,
    body_sha256="digest",
)
KEYED = replace(NEW, idempotency_key="key-1")


@pytest.fixture
def orders() -> MemoryOrders:
    return MemoryOrders()


@pytest.fixture
def clock() -> HandMovedClock:
    return HandMovedClock()


@pytest.fixture
def place(orders: MemoryOrders, clock: HandMovedClock) -> PlaceOrder:
    return PlaceOrder(orders=orders, clock=clock, remembered_for=timedelta(hours=24))


@pytest.fixture
def cancel(orders: MemoryOrders, clock: HandMovedClock) -> CancelOrder:
    return CancelOrder(OrderChanges(orders=orders, clock=clock))


def test_an_order_is_stored_as_it_was_sent_with_its_first_event(orders: MemoryOrders, place: PlaceOrder) -> None:
    order = place(NEW)
    assert orders.get("acme", order.order_id) == order
    assert (order.lines, order.payment_method, order.placed_at) == ((TEAPOTS, CUPS), "sandbox-approve", NOON)
    assert [event.type for event in orders.feed] == [EventType.PLACED]


def test_orders_without_a_key_are_orders_of_their_own(place: PlaceOrder) -> None:
    assert place(NEW).order_id != place(NEW).order_id


def test_a_key_makes_one_order_until_it_is_forgotten(place: PlaceOrder, clock: HandMovedClock) -> None:
    first = place(KEYED)
    clock.advance(hours=23, minutes=59)
    assert place(KEYED) == first
    clock.advance(minutes=1)
    assert place(KEYED).order_id != first.order_id


def test_a_key_that_comes_with_another_body_is_refused(orders: MemoryOrders, place: PlaceOrder) -> None:
    place(KEYED)
    with pytest.raises(KeyReusedError):
        place(replace(KEYED, body_sha256="other"))
    assert len(orders.feed) == 1


def test_an_order_is_read_with_exactly_the_events_that_made_it(orders: MemoryOrders, place: PlaceOrder) -> None:
    order = place(NEW)

    class Racing(MemoryOrders):
        def timeline(self, tenant: str, order_id: str) -> tuple[Event, ...]:
            self.append(*self.get(tenant, order_id).reserve(NOON))
            return super().timeline(tenant, order_id)

    racing = Racing(stored=orders.stored, events=orders.events)
    shown, events = ReadOrders(racing).one("acme", order.order_id)
    assert (shown.status, [event.version for event in events]) == (OrderStatus.PLACED, [1])


def test_nobody_reads_another_tenants_orders(orders: MemoryOrders, place: PlaceOrder) -> None:
    order = place(NEW)
    read = ReadOrders(orders)
    with pytest.raises(NotFoundError):
        read.one("other", order.order_id)
    assert read.page("other", None, 10, None).orders == ()
    assert read.page("acme", None, 10, None).orders == (order,)


def test_an_order_is_cancelled_once(orders: MemoryOrders, place: PlaceOrder, cancel: CancelOrder) -> None:
    order = place(NEW)
    assert [cancel("acme", order.order_id).status for _ in range(2)] == [OrderStatus.CANCELLED] * 2
    assert [event.type for event in orders.feed] == [EventType.PLACED, EventType.CANCELLED]


def test_an_order_whose_payment_has_begun_is_not_cancelled(
    orders: MemoryOrders, place: PlaceOrder, cancel: CancelOrder
) -> None:
    reserved, first = place(NEW).reserve(NOON)
    started, second = reserved.start_payment(NOON)
    orders.append(started, first + second)
    with pytest.raises(NotCancellableError, match="payment has begun"):
        cancel("acme", started.order_id)
