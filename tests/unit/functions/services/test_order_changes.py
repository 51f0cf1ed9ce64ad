"""How a change lives with somebody else's."""

from __future__ import annotations

import pytest

from functions.domain.errors import NotCancellableError, NotFoundError, VersionConflictError
from functions.domain.events import EventType
from functions.domain.order import Change, Order, OrderStatus
from functions.services.order_changes import ATTEMPTS, OrderChanges
from tests.unit.functions.orders import NOON, placed
from tests.unit.functions.services.memory import HandMovedClock, MemoryOrders


class Rival:
    """Appends first, so many times, by whatever it is given."""

    def __init__(self, orders: MemoryOrders, times: int) -> None:
        self.orders = orders
        self.left = times
        orders.before_append = self

    def __call__(self, about_to_be: Order) -> None:
        if self.left:
            self.left -= 1
            self.orders.before_append = lambda _: None
            current = self.orders.get(about_to_be.tenant, about_to_be.order_id)
            self.orders.append(*self.step(current))
            self.orders.before_append = self

    def step(self, order: Order) -> Change:
        return order.record(EventType.COMPENSATION_FAILED, NOON, {"step": str(self.left)})


def shop() -> tuple[MemoryOrders, OrderChanges, Order]:
    orders = MemoryOrders()
    order = orders.add(*placed(), None)
    return orders, OrderChanges(orders=orders, clock=HandMovedClock()), order


@pytest.mark.parametrize("conflicts", [0, 1, ATTEMPTS - 1])
def test_a_conflict_is_decided_again_on_the_order_as_it_is_by_then(conflicts: int) -> None:
    orders, changes, order = shop()
    Rival(orders, conflicts)
    after = changes.apply("acme", order.order_id, lambda order, now: order.reserve(now))
    assert (after.status, after.version) == (OrderStatus.RESERVED, 2 + conflicts)
    assert orders.get("acme", order.order_id) == after


def test_too_many_conflicts_are_left_to_the_caller_to_try_again() -> None:
    orders, changes, order = shop()
    Rival(orders, ATTEMPTS)
    with pytest.raises(VersionConflictError):
        changes.apply("acme", order.order_id, lambda order, now: order.reserve(now))


def test_what_the_rival_did_may_forbid_the_change() -> None:
    orders, changes, order = shop()

    class Paying(Rival):
        def step(self, order: Order) -> Change:
            reserved, first = order.reserve(NOON)
            started, second = reserved.start_payment(NOON)
            return started, first + second

    Paying(orders, 1)
    with pytest.raises(NotCancellableError):
        changes.apply("acme", order.order_id, lambda order, now: order.cancel(now))
    assert orders.get("acme", order.order_id).status is OrderStatus.RESERVED


def test_a_change_that_happened_already_is_not_stored_again() -> None:
    orders, changes, order = shop()
    for _ in range(2):
        changes.apply("acme", order.order_id, lambda order, now: order.cancel(now))
    assert len(orders.feed) == 2


def test_a_check_stores_nothing() -> None:
    orders, changes, order = shop()
    assert changes.check("acme", order.order_id, lambda order, now: order.cancel(now)) == order
    assert len(orders.feed) == 1


def test_another_tenants_order_is_not_found() -> None:
    _, changes, order = shop()
    with pytest.raises(NotFoundError):
        changes.apply("other", order.order_id, lambda order, now: order.cancel(now))
