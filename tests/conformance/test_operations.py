"""What every target's operator sees and does: one suite for operations/ports.py."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from components.saga.decider import Ended, Entry, Failure, Kind, Outcome, Phase
from functions.domain.order import Order, OrderStatus, replay
from operations.ports import MAX_AT_ONCE, Ending, NoSuchQueueError
from tests.conformance.operated import OPERATED, QUEUES, Operated
from tests.unit.functions.orders import NOON, placed

FAR = "there is no queue 'nope'; there are fulfilment, inventory"


@pytest.fixture(params=OPERATED)
def operated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operated]:
    with OPERATED[request.param](tmp_path) as opened:
        yield opened


def add(operated: Operated, *, minutes: int = 0, tenant: str = "acme") -> Order:
    order, events = placed(tenant=tenant, at=NOON + timedelta(minutes=minutes))
    return operated.orders.add(order, events, None)


def reserve(operated: Operated, order: Order) -> Order:
    reserved, events = order.reserve(NOON + timedelta(hours=1))
    operated.orders.append(reserved, events)
    return reserved


def entry(kind: str, step: str, number: int = 1, *, phase: str = "do", at: int = 0, code: str = "") -> Entry:
    return Entry(kind=Kind(kind), phase=Phase(phase), step=step, attempt=number, at_ms=at, code=code, message=code)


def test_the_newest_orders_of_all_tenants_come_first(operated: Operated) -> None:
    orders = [
        add(operated, minutes=minutes, tenant=tenant) for minutes, tenant in ((2, "one"), (0, "two"), (1, "three"))
    ]
    newest = operated.operations.orders.newest(10)
    assert list(newest) == [orders[0], orders[2], orders[1]]
    assert list(operated.operations.orders.newest(2)) == [orders[0], orders[2]]


def test_the_newest_orders_of_one_status(operated: Operated) -> None:
    orders = [add(operated, minutes=minutes) for minutes in range(4)]
    reserved = [reserve(operated, order) for order in orders[:2]]
    found = operated.operations.orders
    assert list(found.newest(10, status=OrderStatus.RESERVED)) == reserved[::-1]
    assert list(found.newest(1, status=OrderStatus.PLACED)) == [orders[3]]
    assert list(found.newest(10, status=OrderStatus.PAID)) == []


@pytest.mark.parametrize("limit", [-1, 0, MAX_AT_ONCE + 1])
def test_more_than_all_or_less_than_one_cannot_be_asked_for(operated: Operated, limit: int) -> None:
    with pytest.raises(ValueError, match="allowed is 1 to 100"):
        operated.operations.orders.newest(limit)
    with pytest.raises(ValueError, match="allowed is 1 to 100"):
        operated.operations.dead_letters.of("fulfilment", limit)


def test_an_order_is_found_whosever_it_is_with_all_that_happened_to_it(operated: Operated) -> None:
    order = reserve(operated, add(operated, tenant="other"))
    found = operated.operations.orders.find(order.order_id)
    assert found == order
    assert replay(operated.operations.orders.timeline(order)) == order
    assert [event.version for event in operated.operations.orders.timeline(order)] == [1, 2]


def test_what_was_never_placed_is_not_found(operated: Operated) -> None:
    assert operated.operations.orders.find("ord_nope") is None
    assert operated.operations.saga_runs.find("ord_nope") is None


def test_a_saga_is_seen_while_it_is_under_way(operated: Operated) -> None:
    journal = [
        entry("started", "validate-order", at=1000),
        entry("succeeded", "validate-order", at=1250),
        entry("started", "reserve-inventory", at=1300),
        entry("faulted", "reserve-inventory", at=1400, code="fault"),
        entry("started", "reserve-inventory", 2, at=2000),
    ]
    operated.run("ord_1", journal)
    run = operated.operations.saga_runs.find("ord_1")
    assert run is not None
    assert (run.status, run.reason, run.uncompensated) == ("running", "", ())
    assert [(a.step, a.number, a.ending) for a in run.attempts] == [
        ("validate-order", 1, Ending.SUCCEEDED),
        ("reserve-inventory", 1, Ending.FAULTED),
        ("reserve-inventory", 2, None),
    ]
    assert (run.attempts[0].began_at, run.attempts[0].ended_at) == (second(1), second(1.25))
    assert (run.attempts[1].code, run.attempts[1].message, run.attempts[2].ended_at) == ("fault", "fault", None)


def second(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_what_ran_side_by_side_is_seen_in_the_order_that_it_began_in(operated: Operated) -> None:
    steps = ("commit-inventory", "notify-warehouse")
    journal = [entry("started", step) for step in steps] + [entry("succeeded", step) for step in steps[::-1]]
    operated.run("ord_1", journal)
    run = operated.operations.saga_runs.find("ord_1")
    assert run is not None
    assert [(attempt.step, attempt.ending) for attempt in run.attempts] == [(step, "succeeded") for step in steps]


def test_an_attempt_and_its_undoing_are_two_and_the_reason_is_told(operated: Operated) -> None:
    journal = [
        entry("started", "reserve-inventory"),
        entry("succeeded", "reserve-inventory"),
        entry("started", "process-payment"),
        entry("refused", "process-payment", code="payment-declined"),
        entry("started", "reserve-inventory", phase="undo"),
        entry("faulted", "reserve-inventory", phase="undo", code="fault"),
    ]
    failure = Failure(step="process-payment", code="payment-declined", message="the card is blocked")
    ended = Ended(outcome=Outcome.FAILED, failure=failure, uncompensated=("reserve-inventory",))
    operated.run("ord_1", journal, ended)
    run = operated.operations.saga_runs.find("ord_1")
    assert run is not None
    assert (run.status, run.uncompensated) == ("failed", ("reserve-inventory",))
    assert run.reason == "process-payment: the card is blocked"
    assert [(a.phase, a.step, a.ending) for a in run.attempts] == [
        ("do", "reserve-inventory", "succeeded"),
        ("do", "process-payment", "refused"),
        ("undo", "reserve-inventory", "faulted"),
    ]


def test_a_saga_that_is_stuck_says_why(operated: Operated) -> None:
    operated.stick("ord_1", "no function performs task ship-it any more")
    run = operated.operations.saga_runs.find("ord_1")
    assert run is not None
    assert (run.status, run.reason) == ("stuck", "no function performs task ship-it any more")


def test_a_saga_whose_journal_was_forgotten_is_not_found(operated: Operated) -> None:
    operated.run("ord_1", [entry("started", "validate-order")], Ended(outcome=Outcome.SUCCEEDED))
    operated.forget("ord_1")
    assert operated.operations.saga_runs.find("ord_1") is None


def test_each_queue_says_what_waits_in_it_what_is_in_hand_and_what_died(operated: Operated) -> None:
    operated.kill("fulfilment", "dead", "bad")
    for number in range(3):
        operated.send("fulfilment", f"m{number}")
    operated.receive("fulfilment")
    full, empty = operated.operations.queues.states()
    assert (full.queue, empty.queue) == QUEUES
    assert (full.depth, full.dead_letters, empty.depth, empty.dead_letters, empty.age_seconds) == (3, 1, 0, 0, 0.0)
    assert 0 <= full.age_seconds < 60


def test_dead_letters_are_seen_as_they_died_and_stay(operated: Operated) -> None:
    operated.kill("fulfilment", "first", "bad \x1b[31m", b"\xff\x00")
    operated.kill("fulfilment", "second", "worse")
    for _ in range(2):
        first, second_ = operated.operations.dead_letters.of("fulfilment", 10)
        assert (first.queue, first.id, first.body, first.receive_count) == ("fulfilment", "first", b"\xff\x00", 1)
        assert (first.reason, second_.reason) == ("bad \x1b[31m", "worse")
        assert abs(datetime.now(UTC) - first.died_at) < timedelta(minutes=5)
    assert [letter.id for letter in operated.operations.dead_letters.of("fulfilment", 1)] == ["first"]
    assert list(operated.operations.dead_letters.of("inventory", 10)) == []


def test_all_that_are_dead_are_sent_back_once_as_they_were_and_as_if_new(operated: Operated) -> None:
    operated.kill("fulfilment", "first", "bad", b"one", tier="high", total=7)
    operated.kill("fulfilment", "second", "bad", b"two")
    operated.kill("inventory", "other", "bad")
    letters = operated.operations.dead_letters
    assert letters.redrive("fulfilment") == 2
    received = operated.receive("fulfilment")
    assert [(m.id, m.body, m.receive_count) for m in received] == [("first", b"one", 1), ("second", b"two", 1)]
    assert received[0].attributes == {"tier": "high", "total": 7}
    assert (letters.redrive("fulfilment"), operated.receive("fulfilment")) == (0, [])
    assert [letter.id for letter in letters.of("inventory", 10)] == ["other"]


def test_one_is_sent_back_and_the_others_stay(operated: Operated) -> None:
    for name in ("first", "second", "third"):
        operated.kill("fulfilment", name, "bad")
    letters = operated.operations.dead_letters
    assert letters.redrive("fulfilment", message_id="second") == 1
    assert [message.id for message in operated.receive("fulfilment")] == ["second"]
    assert [letter.id for letter in letters.of("fulfilment", 10)] == ["first", "third"]
    assert letters.redrive("fulfilment", message_id="second") == 0
    assert letters.redrive("inventory", message_id="first") == 0


def test_a_queue_that_is_not_there_is_refused_with_those_that_are(operated: Operated) -> None:
    with pytest.raises(NoSuchQueueError, match=FAR):
        operated.operations.dead_letters.of("nope", 10)
    with pytest.raises(NoSuchQueueError, match=FAR):
        operated.operations.dead_letters.redrive("nope")
