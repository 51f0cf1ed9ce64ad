"""What every target's inventory promises: no unit is sold twice or lost, whatever comes again or comes late."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.domain.errors import NotOpenError, OutOfStockError, PermanentError
from functions.domain.order import Line
from functions.ports import Inventory
from tests.conformance.worlds import INITIAL_UNITS, Target, World


def line(units: int, sku: str = "TEAPOT") -> Line:
    return Line(sku=sku, quantity=units, unit_price_minor=100)


def test_reserved_units_are_nobody_elses(world: World) -> None:
    world.inventory.reserve("one", [line(7)])
    assert world.left("TEAPOT") == INITIAL_UNITS - 7
    with pytest.raises(OutOfStockError, match="TEAPOT"):
        world.inventory.reserve("two", [line(4)])
    world.inventory.reserve("three", [line(3)])
    assert world.left("TEAPOT") == 0


def test_a_reservation_holds_all_lines_or_none(world: World) -> None:
    with pytest.raises(OutOfStockError):
        world.inventory.reserve("one", [line(2, "CUP"), line(INITIAL_UNITS + 1)])
    assert (world.left("CUP"), world.left("TEAPOT")) == (INITIAL_UNITS, INITIAL_UNITS)


def test_two_lines_of_one_article_are_counted_together(world: World) -> None:
    with pytest.raises(OutOfStockError):
        world.inventory.reserve("one", [line(6), line(6)])
    world.inventory.reserve("two", [line(5), line(5)])
    assert world.left("TEAPOT") == 0


def test_an_order_that_found_nothing_may_ask_again(world: World) -> None:
    world.inventory.reserve("one", [line(INITIAL_UNITS)])
    with pytest.raises(OutOfStockError):
        world.inventory.reserve("two", [line(1)])
    world.inventory.release("one")
    world.inventory.reserve("two", [line(1)])
    assert world.left("TEAPOT") == INITIAL_UNITS - 1


def test_every_change_that_comes_again_changes_nothing_more_and_answers_the_same(world: World) -> None:
    for _ in range(2):
        world.inventory.reserve("one", [line(3)])
    for _ in range(2):
        world.inventory.commit("one")
    world.inventory.reserve("one", [line(3)])
    assert world.left("TEAPOT") == INITIAL_UNITS - 3
    assert [world.inventory.restock("one") for _ in range(2)] == [True, True]
    assert world.left("TEAPOT") == INITIAL_UNITS


def test_released_units_can_be_reserved_by_others(world: World) -> None:
    world.inventory.reserve("one", [line(INITIAL_UNITS)])
    assert [world.inventory.release("one") for _ in range(2)] == [True, True]
    world.inventory.reserve("two", [line(INITIAL_UNITS)])


@pytest.mark.parametrize("undo", ["release", "restock"])
def test_undoing_what_was_never_done_is_harmless_and_keeps_it_from_being_done_late(world: World, undo: str) -> None:
    assert getattr(world.inventory, undo)("one") is False
    with pytest.raises(NotOpenError, match="one"):
        world.inventory.reserve("one", [line(1)])
    with pytest.raises(NotOpenError, match="one"):
        world.inventory.commit("one")
    assert world.left("TEAPOT") == INITIAL_UNITS
    assert getattr(world.inventory, undo)("one") is False


def test_a_reserve_that_comes_after_its_release_is_refused(world: World) -> None:
    world.inventory.reserve("one", [line(1)])
    world.inventory.release("one")
    with pytest.raises(NotOpenError):
        world.inventory.reserve("one", [line(1)])
    with pytest.raises(NotOpenError):
        world.inventory.commit("one")
    assert world.left("TEAPOT") == INITIAL_UNITS


def test_a_commit_that_comes_after_its_restock_is_refused_and_the_release_still_answers(world: World) -> None:
    world.inventory.reserve("one", [line(4)])
    assert world.inventory.restock("one") is False
    with pytest.raises(NotOpenError):
        world.inventory.commit("one")
    assert world.inventory.release("one") is True
    assert world.left("TEAPOT") == INITIAL_UNITS


def test_sold_units_are_not_released(world: World) -> None:
    world.inventory.reserve("one", [line(4)])
    world.inventory.commit("one")
    assert world.inventory.release("one") is False
    assert world.left("TEAPOT") == INITIAL_UNITS - 4


def test_what_was_never_reserved_cannot_be_sold(world: World) -> None:
    with pytest.raises(NotOpenError, match="one"):
        world.inventory.commit("one")


def test_a_sale_that_found_nothing_keeps_nobody_from_reserving_later(world: World) -> None:
    with pytest.raises(NotOpenError, match="one"):
        world.inventory.commit("one")
    world.inventory.reserve("one", [line(2)])
    world.inventory.commit("one")
    assert world.left("TEAPOT") == INITIAL_UNITS - 2


def test_the_last_unit_goes_to_one_of_many(target: Target) -> None:
    target.inventory.reserve("first", [line(INITIAL_UNITS - 1)])
    start = threading.Barrier(8)

    def reserve(number: int) -> bool:
        start.wait()
        try:
            target.inventory.reserve(f"order-{number}", [line(1)])
        except OutOfStockError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(reserve, range(8))) == 1


CALLS = st.lists(st.tuples(st.sampled_from(["reserve", "release", "commit", "restock"]), st.integers(0, 2)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(calls=CALLS)
def test_after_any_calls_in_any_order_what_is_left_is_what_no_order_holds(
    world: World, calls: list[tuple[str, int]]
) -> None:
    attempt = uuid4()
    sku = f"SKU-{attempt}"
    holds = {number: False for number in range(3)}
    for name, number in calls:
        holds[number] = call(world.inventory, name, f"{attempt}-{number}", sku, holds[number])
        assert world.left(sku) == INITIAL_UNITS - 4 * sum(holds.values())


def call(inventory: Inventory, name: str, order_id: str, sku: str, held: bool) -> bool:
    """Whether the order holds its four units afterwards, by what the call itself answered."""
    try:
        if name in ("reserve", "commit"):
            inventory.reserve(order_id, [line(4, sku)]) if name == "reserve" else inventory.commit(order_id)
            return True
        undone = inventory.release(order_id) if name == "release" else inventory.restock(order_id)
    except PermanentError:
        return held
    return held and not undone and name == "release"
