"""What every target's ledger promises."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.conformance.worlds import Target, World


def test_the_first_entry_of_a_key_stands(world: World) -> None:
    assert world.ledger.record_once("charge", {"payment_id": "pay_1", "count": 2}) == {
        "payment_id": "pay_1",
        "count": 2,
    }
    assert world.ledger.record_once("charge", {"payment_id": "pay_2"}) == {"payment_id": "pay_1", "count": 2}
    assert world.ledger.find("charge") == {"payment_id": "pay_1", "count": 2}


def test_an_empty_entry_is_an_entry(world: World) -> None:
    assert world.ledger.record_once("withdrawn", {}) == {}
    assert world.ledger.record_once("withdrawn", {"late": True}) == {}
    assert world.ledger.find("withdrawn") == {}


def test_what_was_never_recorded_is_not_found(world: World) -> None:
    world.ledger.record_once("charge", {})
    assert world.ledger.find("Charge") is None


def test_of_many_entries_at_once_all_see_the_same(target: Target) -> None:
    start = threading.Barrier(8)

    def record(number: int) -> object:
        start.wait()
        return target.ledger.record_once("charge", {"by": number})["by"]

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(record, range(8)))) == 1


def test_a_counter_counts_from_one_for_each_key(world: World) -> None:
    assert [world.ledger.count("a"), world.ledger.count("a"), world.ledger.count("b")] == [1, 2, 1]


def test_no_count_is_given_twice(target: Target) -> None:
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda _: target.ledger.count("a"), range(40)))
    assert sorted(counts) == list(range(1, 41))
