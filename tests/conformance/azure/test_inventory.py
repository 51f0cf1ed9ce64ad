"""What Cosmos DB's batches ask of the inventory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from functions.adapters.azure import layout
from functions.adapters.azure.inventory import CosmosInventory
from functions.adapters.azure.items import ATTEMPTS, Items
from functions.domain.errors import NotOpenError, OutOfStockError, RetryableError
from functions.domain.order import Line
from functions.ports import Inventory
from tests.azure.cosmos_fake import CosmosFake
from tests.conformance.azure.overtaken import Overtaken
from tests.conformance.azure_target import AzureTarget
from tests.conformance.worlds import INITIAL_UNITS

LOST = None


def lines(count: int) -> list[Line]:
    return [Line(sku=f"SKU-{number}", quantity=1, unit_price_minor=100) for number in range(count)]


def test_an_order_of_as_many_articles_as_the_api_takes_is_reserved_sold_and_restocked(azure: AzureTarget) -> None:
    for order_id in ("one", "two"):
        azure.inventory.reserve(order_id, lines(99))
    assert azure.left("SKU-98") == INITIAL_UNITS - 2
    azure.inventory.commit("one")
    assert azure.inventory.restock("one") is True
    assert azure.left("SKU-98") == INITIAL_UNITS - 1


def test_units_are_on_hand_reserved_or_sold_and_never_two_of_these(azure: AzureTarget) -> None:
    def counts() -> Mapping[str, Any]:
        return azure.items(layout.INVENTORY)["stock-SKU-0"]

    sku = {"id": "stock-SKU-0", "partition": "stock", "sku": "SKU-0"}
    azure.inventory.reserve("one", lines(1))
    assert counts() == {**sku, "available": 9, "reserved": 1, "sold": 0}
    azure.inventory.commit("one")
    assert counts() == {**sku, "available": 9, "reserved": 0, "sold": 1}
    azure.inventory.restock("one")
    assert counts() == {**sku, "available": 10, "reserved": 0, "sold": 0}


def test_who_finds_too_little_is_told_of_what_and_how_much_is_left(azure: AzureTarget) -> None:
    azure.inventory.reserve("one", [Line(sku="SKU-1", quantity=8, unit_price_minor=100)])
    short = [*lines(1), Line(sku="SKU-1", quantity=3, unit_price_minor=100)]
    with pytest.raises(OutOfStockError, match="SKU-1 is out of stock: 3 were ordered, 2 are left"):
        azure.inventory.reserve("two", short)
    with pytest.raises(OutOfStockError, match="NEW is out of stock: 11 were ordered, 10 are left"):
        azure.inventory.reserve("two", [Line(sku="NEW", quantity=INITIAL_UNITS + 1, unit_price_minor=100)])


def test_eight_orders_at_once_take_eight_units(azure: AzureTarget) -> None:
    together = threading.Barrier(8)

    def reserve(number: int) -> None:
        together.wait()
        azure.inventory.reserve(f"order-{number}", lines(2))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(reserve, range(8)))
    assert (azure.left("SKU-0"), azure.left("SKU-1")) == (INITIAL_UNITS - 8, INITIAL_UNITS - 8)


def test_a_reservation_that_others_keep_changing_may_come_again(fake: CosmosFake, items: Items) -> None:
    for _ in range(ATTEMPTS + 1):
        fake.fail_next("Batch", 449)
    with pytest.raises(RetryableError):
        CosmosInventory(items, INITIAL_UNITS).reserve("one", lines(1))


@pytest.mark.parametrize(
    ("done", "change", "answer", "left"),
    [
        ([], lambda stock: stock.reserve("one", lines(1)), None, 9),
        (["reserve"], lambda stock: stock.release("one"), True, 10),
        (["reserve"], lambda stock: stock.restock("one"), False, 10),
        (["reserve"], lambda stock: stock.commit("one"), None, 9),
        (["reserve", "commit"], lambda stock: stock.restock("one"), True, 10),
        ([], lambda stock: stock.release("one"), False, 10),
    ],
)
def test_a_change_whose_answer_was_lost_is_done_once_and_answers_the_same(
    azure: AzureTarget, done: list[str], change: Callable[[Inventory], object], answer: object, left: int
) -> None:
    azure.inventory.reserve("another", lines(1))
    for name in done:
        azure.inventory.reserve("one", lines(1)) if name == "reserve" else azure.inventory.commit("one")
    azure.cosmos.fail_next("Batch", LOST, after=True)
    assert change(azure.inventory) is answer
    assert azure.left("SKU-0") == left - 1


def test_a_reservation_is_one_call_once_its_articles_are_known_and_giving_it_back_two(azure: AzureTarget) -> None:
    azure.inventory.reserve("one", lines(3))
    assert azure.cosmos.calls == ["Batch", "Query", "Batch"]
    azure.cosmos.calls.clear()
    azure.inventory.reserve("two", lines(3))
    azure.inventory.release("two")
    assert azure.cosmos.calls == ["Batch", "Read", "Batch"]


def test_what_no_call_can_ask_for_any_more_is_forgotten(azure: AzureTarget) -> None:
    for order_id in ("kept", "sold", "back"):
        azure.inventory.reserve(order_id, lines(1))
    azure.inventory.commit("sold")
    azure.inventory.release("back")
    azure.inventory.release("refused")
    azure.cosmos.store.now += int(layout.REMEMBERED.total_seconds())
    assert azure.items(layout.INVENTORY).keys() == {"stock-SKU-0", "reservation-kept"}


def overtaken(azure: AzureTarget, meanwhile: Callable[[], object]) -> CosmosInventory:
    items = azure.inventory.items
    return CosmosInventory(Overtaken(items.open, items.key, meanwhile=meanwhile), INITIAL_UNITS)


def test_who_gives_units_back_need_not_see_who_takes_others(azure: AzureTarget) -> None:
    azure.inventory.reserve("one", lines(1))
    others = iter(["two", "three"])
    stock = overtaken(azure, lambda: azure.inventory.reserve(next(others), lines(1)))
    assert stock.release("one") is True
    assert (next(others), azure.left("SKU-0")) == ("three", INITIAL_UNITS - 1)


def test_who_takes_units_need_not_see_who_takes_others_while_there_are_enough(azure: AzureTarget) -> None:
    azure.inventory.reserve("one", lines(1))
    others = iter(["two", "three"])
    overtaken(azure, lambda: azure.inventory.reserve(next(others), lines(1))).reserve("four", lines(1))
    assert (next(others), azure.left("SKU-0")) == ("three", INITIAL_UNITS - 3)


def test_who_takes_units_sees_who_took_others_before(azure: AzureTarget) -> None:
    azure.inventory.reserve("one", lines(1))
    all_others = [Line(sku="SKU-0", quantity=INITIAL_UNITS - 1, unit_price_minor=100)]
    stock = overtaken(azure, lambda: azure.inventory.reserve("two", all_others))
    with pytest.raises(OutOfStockError, match="0 are left"):
        stock.reserve("three", lines(1))


def test_who_finds_a_new_article_sees_who_found_it_before(azure: AzureTarget) -> None:
    others = iter(range(9))
    overtaken(azure, lambda: azure.inventory.reserve(f"other-{next(others)}", lines(1))).reserve("one", lines(1))
    assert azure.left("SKU-0") == INITIAL_UNITS - 1 - next(others)


def test_a_reservation_that_is_given_back_while_it_is_made_is_refused(azure: AzureTarget) -> None:
    stock = overtaken(azure, lambda: azure.inventory.release("one"))
    with pytest.raises(NotOpenError):
        stock.reserve("one", lines(1))
    assert azure.left("SKU-0") == INITIAL_UNITS


def test_who_finds_nothing_to_give_back_sees_what_is_reserved_meanwhile(azure: AzureTarget) -> None:
    stock = overtaken(azure, lambda: azure.inventory.reserve("one", lines(1)))
    assert stock.release("one") is True
    assert azure.left("SKU-0") == INITIAL_UNITS
