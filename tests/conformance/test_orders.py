"""What every target's order repository promises."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain, pairwise

import pytest

from functions.domain.errors import KeyReusedError, NotFoundError, VersionConflictError
from functions.domain.events import EventType
from functions.domain.order import Order, OrderStatus, replay
from functions.ports import IdempotencyRecord, OrderRepository, PagePosition
from tests.conformance.worlds import Target, World
from tests.unit.functions.orders import CUPS, NOON, TEAPOTS, placed

DAY = timedelta(days=1)


def add(orders: OrderRepository, *, minutes: float = 0, tenant: str = "acme") -> Order:
    order, events = placed(TEAPOTS, CUPS, tenant=tenant, at=NOON + timedelta(minutes=minutes))
    return orders.add(order, events, None)


def key_for(order: Order, *, body: str = "digest", name: str = "key-1", lasts: timedelta = DAY) -> IdempotencyRecord:
    return IdempotencyRecord(
        tenant=order.tenant, key=name, body_sha256=body, order_id=order.order_id, expires_at=order.placed_at + lasts
    )


def test_an_order_comes_back_as_it_was_stored(world: World) -> None:
    order = add(world.orders)
    assert world.orders.get("acme", order.order_id) == order


def test_an_order_and_its_events_always_agree(world: World) -> None:
    order = add(world.orders)
    reserved, events = order.reserve(NOON + timedelta(seconds=1))
    world.orders.append(reserved, events)
    assert world.orders.get("acme", order.order_id) == reserved
    assert replay(world.orders.timeline("acme", order.order_id)) == reserved


@pytest.mark.parametrize("tenant", ["other", "ACME", ""])
def test_another_tenants_order_is_not_found(world: World, tenant: str) -> None:
    order = add(world.orders)
    for look in (world.orders.get, world.orders.timeline):
        with pytest.raises(NotFoundError, match=order.order_id):
            look(tenant, order.order_id)


def test_an_order_that_was_never_placed_is_not_found(world: World) -> None:
    order, _ = placed()
    for look in (world.orders.get, world.orders.timeline):
        with pytest.raises(NotFoundError):
            look("acme", order.order_id)


def test_an_append_to_an_order_that_moved_on_is_refused_and_leaves_no_trace(world: World) -> None:
    order = add(world.orders)
    reserved, events = order.reserve(NOON)
    world.orders.append(reserved, events)
    cancelled, late = order.cancel(NOON)
    with pytest.raises(VersionConflictError, match=order.order_id):
        world.orders.append(cancelled, late)
    assert world.orders.get("acme", order.order_id).status is OrderStatus.RESERVED
    assert [event.version for event in world.orders.timeline("acme", order.order_id)] == [1, 2]
    assert world.feed() == [f"{order.order_id}:1", f"{order.order_id}:2"]


def test_of_many_writers_at_once_one_wins(target: Target) -> None:
    order = add(target.orders)
    start = threading.Barrier(8)

    def write(_: int) -> bool:
        start.wait()
        try:
            target.orders.append(*order.reserve(NOON))
        except VersionConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(write, range(8))) == 1
    assert [event.version for event in target.orders.timeline("acme", order.order_id)] == [1, 2]


def test_eight_writers_that_decide_again_lose_no_fact_and_leave_no_gap(target: Target) -> None:
    order = add(target.orders)
    start = threading.Barrier(8)

    def write(writer: int) -> None:
        start.wait()
        for number in range(3):
            append_in_the_end(target.orders, order.order_id, f"step-{writer}-{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    events = target.orders.timeline("acme", order.order_id)
    assert [event.version for event in events] == list(range(1, 26))
    assert {event.details["step"] for event in events[1:]} == {
        f"step-{writer}-{number}" for writer in range(8) for number in range(3)
    }
    assert target.orders.get("acme", order.order_id) == replay(events)
    assert target.feed() == [event.id for event in events]


def append_in_the_end(orders: OrderRepository, order_id: str, step: str) -> None:
    """Ends, because of the writers at one version one always wins."""
    while True:
        order = orders.get("acme", order_id)
        try:
            orders.append(*order.record(EventType.COMPENSATION_FAILED, NOON, {"step": step}))
        except VersionConflictError:
            continue
        return


def test_an_append_that_says_nothing_new_is_refused_as_well(world: World) -> None:
    order = add(world.orders)
    change = order.reserve(NOON)
    world.orders.append(*change)
    with pytest.raises(VersionConflictError):
        world.orders.append(*change)
    assert world.feed() == [f"{order.order_id}:1", f"{order.order_id}:2"]


def test_several_events_are_appended_together(world: World) -> None:
    order = add(world.orders)
    reserved, first = order.reserve(NOON)
    cancelled, second = reserved.cancel(NOON)
    world.orders.append(cancelled, first + second)
    types = [event.type for event in world.orders.timeline("acme", order.order_id)]
    assert types == [EventType.PLACED, EventType.RESERVED, EventType.CANCELLED]


def test_the_change_feed_reports_each_event_once_in_order(world: World) -> None:
    first, second = add(world.orders), add(world.orders, minutes=1)
    world.orders.append(*first.reserve(NOON))
    assert world.feed() == [f"{first.order_id}:1", f"{second.order_id}:1", f"{first.order_id}:2"]


def test_the_same_key_and_body_give_the_order_that_they_made(world: World) -> None:
    first, first_events = placed()
    world.orders.add(first, first_events, key_for(first))
    world.orders.append(*first.reserve(NOON))
    second, second_events = placed(at=NOON + timedelta(minutes=5))
    answer = world.orders.add(second, second_events, key_for(second))
    assert (answer.order_id, answer.status) == (first.order_id, OrderStatus.RESERVED)
    with pytest.raises(NotFoundError):
        world.orders.get("acme", second.order_id)
    assert world.feed() == [f"{first.order_id}:1", f"{first.order_id}:2"]


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    first, first_events = placed()
    world.orders.add(first, first_events, key_for(first))
    second, second_events = placed()
    with pytest.raises(KeyReusedError, match="key-1"):
        world.orders.add(second, second_events, key_for(second, body="other"))
    assert world.feed() == [f"{first.order_id}:1"]


def test_a_key_belongs_to_its_tenant(world: World) -> None:
    for tenant in ("acme", "other"):
        order, events = placed(tenant=tenant)
        assert world.orders.add(order, events, key_for(order)).tenant == tenant


@pytest.mark.parametrize("forget", [False, True])
def test_a_key_is_forgotten_when_its_time_is_over(world: World, forget: bool) -> None:
    first, first_events = placed()
    world.orders.add(first, first_events, key_for(first, lasts=timedelta(hours=1)))
    if forget:
        world.orders.forget_keys(NOON + timedelta(hours=1))
    second, second_events = placed(at=NOON + timedelta(hours=1))
    answer = world.orders.add(second, second_events, key_for(second, body="other"))
    assert answer.order_id == second.order_id


def test_a_key_that_still_holds_is_not_forgotten(world: World) -> None:
    first, first_events = placed()
    world.orders.add(first, first_events, key_for(first, lasts=timedelta(hours=1)))
    world.orders.forget_keys(NOON + timedelta(minutes=59))
    second, second_events = placed(at=NOON + timedelta(minutes=59))
    assert world.orders.add(second, second_events, key_for(second)).order_id == first.order_id


def test_the_same_key_at_once_makes_one_order(target: Target) -> None:
    start = threading.Barrier(8)

    def place(_: int) -> str:
        order, events = placed()
        start.wait()
        return target.orders.add(order, events, key_for(order)).order_id

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(place, range(8)))) == 1
    assert len(target.feed()) == 1


def test_an_expired_key_at_once_makes_one_new_order(target: Target) -> None:
    first, first_events = placed()
    target.orders.add(first, first_events, key_for(first, lasts=timedelta(hours=1)))
    start = threading.Barrier(8)

    def place(_: int) -> str:
        order, events = placed(at=NOON + timedelta(hours=1))
        start.wait()
        return target.orders.add(order, events, key_for(order)).order_id

    with ThreadPoolExecutor(8) as pool:
        (second,) = set(pool.map(place, range(8)))
    assert target.feed() == [f"{first.order_id}:1", f"{second}:1"]


def pages(orders: OrderRepository, limit: int, between: Callable[[], object] = lambda: None) -> list[list[str]]:
    found: list[list[str]] = []
    after: PagePosition | None = None
    while True:
        page = orders.page("acme", None, limit, after)
        found.append([order.order_id for order in page.orders])
        between()
        if page.next is None:
            return found
        after = page.next


@pytest.mark.parametrize(("limit", "sizes"), [(1, [1] * 6), (4, [4, 2]), (3, [3, 3]), (6, [6]), (100, [6])])
def test_pages_hold_every_order_once_newest_first(world: World, limit: int, sizes: list[int]) -> None:
    made = [add(world.orders, minutes=minute) for minute in (0, 1, 1, 1, 2, 3)]
    newest_first = sorted(made, key=lambda order: (order.placed_at, order.order_id), reverse=True)
    found = pages(world.orders, limit)
    assert [len(page) for page in found] == sizes
    assert list(chain.from_iterable(found)) == [order.order_id for order in newest_first]


def test_pages_stay_in_step_while_orders_are_added(world: World) -> None:
    made = [add(world.orders, minutes=minute) for minute in range(5)]
    found = pages(world.orders, 2, between=lambda: add(world.orders, minutes=60))
    assert list(chain.from_iterable(found)) == [order.order_id for order in reversed(made)]


def test_pages_stay_in_step_while_orders_of_the_same_moment_are_added(world: World) -> None:
    made = {add(world.orders).order_id for _ in range(5)}
    found = list(chain.from_iterable(pages(world.orders, 2, between=lambda: add(world.orders))))
    assert [order_id for order_id in found if order_id in made] == sorted(made, reverse=True)
    assert sorted(set(found), reverse=True) == found


def test_pages_stay_in_step_while_orders_move_on(world: World) -> None:
    made = [add(world.orders, minutes=minute) for minute in range(6)]
    moving = iter([made[0], made[5], made[2]])
    found = pages(world.orders, 2, between=lambda: world.orders.append(*next(moving).cancel(NOON)))
    assert list(chain.from_iterable(found)) == [order.order_id for order in reversed(made)]


def test_a_page_shows_nobody_elses_orders(world: World) -> None:
    own, _ = add(world.orders), add(world.orders, tenant="other")
    page = world.orders.page("acme", None, 10, None)
    assert ([order.order_id for order in page.orders], page.next) == ([own.order_id], None)


def test_a_page_of_one_status_leaves_the_others_out(world: World) -> None:
    made = [add(world.orders, minutes=minute) for minute in range(4)]
    for order in made[::2]:
        world.orders.append(*order.cancel(NOON))
    page = world.orders.page("acme", OrderStatus.CANCELLED, 1, None)
    assert [order.order_id for order in page.orders] == [made[2].order_id]
    rest = world.orders.page("acme", OrderStatus.CANCELLED, 1, page.next)
    assert ([order.order_id for order in rest.orders], rest.next) == ([made[0].order_id], None)


def test_a_page_shows_an_order_as_it_is_now(world: World) -> None:
    order = add(world.orders)
    reserved, events = order.reserve(NOON)
    world.orders.append(reserved, events)
    for status in (None, OrderStatus.RESERVED):
        assert world.orders.page("acme", status, 10, None).orders == (reserved,)
    assert world.orders.page("acme", OrderStatus.PLACED, 10, None).orders == ()


def test_an_empty_page_is_the_last(world: World) -> None:
    page = world.orders.page("acme", None, 10, None)
    assert (page.orders, page.next) == ((), None)


def test_stale_orders_come_oldest_first_from_every_tenant(world: World) -> None:
    made = [add(world.orders, minutes=minute, tenant=tenant) for minute, tenant in ((3, "a"), (1, "b"), (2, "a"))]
    add(world.orders, minutes=10)
    world.orders.append(*made[2].reserve(NOON))
    stale = world.orders.stale(OrderStatus.PLACED, NOON + timedelta(minutes=10), 10)
    assert [order.order_id for order in stale] == [made[1].order_id, made[0].order_id]
    assert all(first.placed_at < second.placed_at for first, second in pairwise(stale))
    assert len(world.orders.stale(OrderStatus.PLACED, NOON + timedelta(minutes=10), 1)) == 1


def test_orders_that_moved_on_do_not_hide_the_stale_ones_behind_them(world: World) -> None:
    for minute in range(5):
        world.orders.append(*add(world.orders, minutes=minute).reserve(NOON))
    behind = add(world.orders, minutes=6)
    stale = world.orders.stale(OrderStatus.PLACED, NOON + timedelta(minutes=10), 2)
    assert [order.order_id for order in stale] == [behind.order_id]
