"""What Firestore's commits ask of the inventory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from functions.adapters.gcp.documents import ATTEMPTS, Documents, Write
from functions.adapters.gcp.inventory import FirestoreInventory
from functions.domain.errors import NotOpenError, OutOfStockError, RetryableError
from functions.domain.order import Line
from functions.ports import Inventory
from tests.conformance.gcp_target import GcpTarget
from tests.conformance.worlds import INITIAL_UNITS
from tests.gcp.firestore_fake import FirestoreFake

LOST = grpc.StatusCode.UNAVAILABLE


def lines(count: int) -> list[Line]:
    return [Line(sku=f"SKU-{number}", quantity=1, unit_price_minor=100) for number in range(count)]


def test_an_order_of_as_many_articles_as_the_api_takes_is_reserved_sold_and_restocked(gcp: GcpTarget) -> None:
    gcp.inventory.reserve("one", lines(99))
    assert gcp.left("SKU-98") == INITIAL_UNITS - 1
    gcp.inventory.commit("one")
    assert gcp.inventory.restock("one") is True
    assert gcp.left("SKU-98") == INITIAL_UNITS


def test_units_are_on_hand_reserved_or_sold_and_never_two_of_these(gcp: GcpTarget) -> None:
    def counts() -> object:
        return gcp.document("stock/SKU-0")

    gcp.inventory.reserve("one", lines(1))
    assert counts() == {"available": 9, "reserved": 1, "sold": 0}
    gcp.inventory.commit("one")
    assert counts() == {"available": 9, "reserved": 0, "sold": 1}
    gcp.inventory.restock("one")
    assert counts() == {"available": 10, "reserved": 0, "sold": 0}


def test_who_finds_too_little_is_told_of_what_and_how_much_is_left(gcp: GcpTarget) -> None:
    gcp.inventory.reserve("one", [Line(sku="SKU-1", quantity=8, unit_price_minor=100)])
    short = [*lines(1), Line(sku="SKU-1", quantity=3, unit_price_minor=100)]
    with pytest.raises(OutOfStockError, match="SKU-1 is out of stock: 3 were ordered, 2 are left"):
        gcp.inventory.reserve("two", short)
    with pytest.raises(OutOfStockError, match="NEW is out of stock: 11 were ordered, 10 are left"):
        gcp.inventory.reserve("two", [Line(sku="NEW", quantity=INITIAL_UNITS + 1, unit_price_minor=100)])


def test_eight_orders_at_once_take_eight_units(gcp: GcpTarget) -> None:
    """Seven of them in vain at first."""
    gcp.firestore.let_meet(8)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: gcp.inventory.reserve(f"order-{number}", lines(2)), range(8)))
    assert gcp.firestore.calls.count("Commit") >= 8 + 7
    assert (gcp.left("SKU-0"), gcp.left("SKU-1")) == (INITIAL_UNITS - 8, INITIAL_UNITS - 8)


def test_a_reservation_that_others_keep_changing_may_come_again(fake: FirestoreFake, documents: Documents) -> None:
    for _ in range(ATTEMPTS):
        fake.fail_next("Commit", grpc.StatusCode.ABORTED)
    with pytest.raises(RetryableError):
        FirestoreInventory(documents, INITIAL_UNITS).reserve("one", lines(1))


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
    gcp: GcpTarget, done: list[str], change: Callable[[Inventory], object], answer: object, left: int
) -> None:
    for name in done:
        gcp.inventory.reserve("one", lines(1)) if name == "reserve" else gcp.inventory.commit("one")
    gcp.firestore.fail_next("Commit", LOST, after=True)
    assert change(gcp.inventory) is answer
    assert gcp.left("SKU-0") == left


def test_a_reservation_is_two_calls_and_giving_it_back_two(gcp: GcpTarget) -> None:
    gcp.inventory.reserve("one", lines(3))
    gcp.inventory.release("one")
    assert gcp.firestore.calls == ["BatchGetDocuments", "Commit"] * 2


@dataclass(frozen=True)
class Overtaken(Documents):
    """Something else happens before each commit."""

    meanwhile: Callable[[], object] = field(kw_only=True)

    def commit(self, writes: Sequence[Write]) -> list[Any]:
        self.meanwhile()
        return super().commit(writes)


def test_who_gives_units_back_need_not_see_who_takes_others(gcp: GcpTarget) -> None:
    gcp.inventory.reserve("one", lines(1))
    others = iter(["two", "three"])
    documents = Overtaken(gcp.clients.firestore, meanwhile=lambda: gcp.inventory.reserve(next(others), lines(1)))
    assert FirestoreInventory(documents, INITIAL_UNITS).release("one") is True
    assert (next(others), gcp.left("SKU-0")) == ("three", INITIAL_UNITS - 1)


def test_who_takes_units_sees_who_took_others_before(gcp: GcpTarget) -> None:
    gcp.inventory.reserve("one", lines(1))
    all_others = [Line(sku="SKU-0", quantity=INITIAL_UNITS - 1, unit_price_minor=100)]
    documents = Overtaken(gcp.clients.firestore, meanwhile=lambda: gcp.inventory.reserve("two", all_others))
    with pytest.raises(OutOfStockError, match="0 are left"):
        FirestoreInventory(documents, INITIAL_UNITS).reserve("three", lines(1))


def test_a_reservation_that_is_given_back_while_it_is_made_is_refused(gcp: GcpTarget) -> None:
    documents = Overtaken(gcp.clients.firestore, meanwhile=lambda: gcp.inventory.release("one"))
    with pytest.raises(NotOpenError):
        FirestoreInventory(documents, INITIAL_UNITS).reserve("one", lines(1))
    assert gcp.left("SKU-0") == INITIAL_UNITS


def test_who_finds_nothing_to_give_back_sees_what_is_reserved_meanwhile(gcp: GcpTarget) -> None:
    documents = Overtaken(gcp.clients.firestore, meanwhile=lambda: gcp.inventory.reserve("one", lines(1)))
    assert FirestoreInventory(documents, INITIAL_UNITS).release("one") is True
    assert gcp.left("SKU-0") == INITIAL_UNITS
