"""A queue loses nothing, repeats what was not acknowledged, and gives up after a known number of receives."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import pytest

from local_runtime import dead_letters
from local_runtime.client import Entry
from local_runtime.declarations import Queue
from local_runtime.errors import StoreError
from local_runtime.queues import Delivery, Queues, redelivery_seconds
from local_runtime.store import Store
from tests.unit.local_runtime.conftest import HandMovedClock
from tests.unit.local_runtime.fakes import died

WORK = Queue(name="work", visibility_timeout_seconds=30, max_receive_count=3, redelivery_delay_seconds=2)
OTHER = Queue(name="other")


@pytest.fixture
def queues(store: Store, clock: HandMovedClock) -> Queues:
    return Queues(store, {"work": WORK, "other": OTHER}, clock)


def send(store: Store, queues: Queues, *ids: str, queue: str = "work") -> None:
    entries = [Entry(id=each, body=each.encode(), attributes={"tier": "high", "total": 7}) for each in ids]

    def change(connection: sqlite3.Connection) -> None:
        for entry in entries:
            queues.put(connection, queue, entry)

    store.write(change)


def settle(
    queues: Queues,
    batch: list[Delivery],
    retry: Mapping[str, str] | None = None,
    dead: Mapping[str, str] | None = None,
) -> None:
    queues.settle("work", batch, retry=retry or {}, dead=dead or {})


def ids(batch: list[Delivery]) -> list[str]:
    return [delivery.message.id for delivery in batch]


def test_a_message_arrives_as_it_was_sent_and_counts_its_receives(store: Store, queues: Queues) -> None:
    send(store, queues, "a")
    (delivery,) = queues.receive("work", 10)
    message = delivery.message
    assert (message.id, message.body, message.attributes) == ("a", b"a", {"tier": "high", "total": 7})
    assert message.receive_count == 1


def test_messages_come_in_the_order_they_were_sent_and_no_more_than_asked_for(store: Store, queues: Queues) -> None:
    send(store, queues, "c", "a", "b")
    assert ids(queues.receive("work", 2)) == ["c", "a"]
    assert ids(queues.receive("work", 2)) == ["b"]


def test_queues_do_not_mix(store: Store, queues: Queues) -> None:
    send(store, queues, "a", queue="other")
    assert queues.receive("work", 10) == []


def test_a_received_message_is_invisible_until_its_timeout(store: Store, queues: Queues, clock: HandMovedClock) -> None:
    send(store, queues, "a")
    queues.receive("work", 10)
    clock.advance(29.9)
    assert queues.receive("work", 10) == []
    clock.advance(0.1)
    assert [delivery.message.receive_count for delivery in queues.receive("work", 10)] == [2]


def test_an_acknowledged_message_never_comes_back(store: Store, queues: Queues, clock: HandMovedClock) -> None:
    send(store, queues, "a")
    settle(queues, queues.receive("work", 10))
    clock.advance(1000)
    assert queues.receive("work", 10) == []
    assert queues.depth("work") == 0


def test_an_answer_that_comes_after_the_next_delivery_changes_nothing(
    store: Store, queues: Queues, clock: HandMovedClock
) -> None:
    send(store, queues, "a")
    late = queues.receive("work", 10)
    clock.advance(30)
    current = queues.receive("work", 10)
    settle(queues, late)
    settle(queues, late, dead={"a": "late"})
    assert queues.depth("work") == 1
    settle(queues, current)
    assert queues.depth("work") == 0


def test_a_failed_message_comes_back_after_a_delay_that_doubles(
    store: Store, queues: Queues, clock: HandMovedClock
) -> None:
    send(store, queues, "a")
    for delay in (2, 4):
        settle(queues, queues.receive("work", 10), retry={"a": "no luck"})
        clock.advance(delay - 0.1)
        assert queues.receive("work", 10) == []
        clock.advance(0.1)
    assert ids(queues.receive("work", 10)) == ["a"]


def test_the_delay_stays_within_the_visibility_timeout() -> None:
    assert [redelivery_seconds(WORK, receives) for receives in (1, 2, 4, 5, 1000)] == [2, 4, 16, 30, 30]


def test_after_exactly_its_receives_a_failing_message_dies_with_the_last_reason(
    store: Store, queues: Queues, clock: HandMovedClock
) -> None:
    send(store, queues, "a")
    for receive in (1, 2, 3):
        assert died(store) == []
        settle(queues, queues.receive("work", 10), retry={"a": f"failure {receive}"})
        clock.advance(100)
    (letter,) = died(store)
    assert (letter.id, letter.receive_count, letter.reason) == ("a", 3, "failure 3")
    assert queues.depth("work") == 0


def test_a_message_that_is_never_acknowledged_dies_as_well(store: Store, queues: Queues, clock: HandMovedClock) -> None:
    send(store, queues, "a")
    received = []
    for _ in range(4):
        received += queues.receive("work", 10)
        clock.advance(30)
    assert len(received) == 3
    assert [letter.reason for letter in died(store)] == ["it was not acknowledged within the visibility timeout"]


def test_a_message_declared_dead_dies_at_once_with_that_reason(store: Store, queues: Queues) -> None:
    send(store, queues, "a", "b")
    settle(queues, queues.receive("work", 10), dead={"b": "not an order"})
    assert [(letter.id, letter.receive_count, letter.reason) for letter in died(store)] == [("b", 1, "not an order")]
    assert queues.depth("work") == 0


def test_what_the_previous_process_held_alone_is_visible_at_once_and_its_receive_still_counts(
    store: Store, queues: Queues
) -> None:
    send(store, queues, "a")
    for _ in range(3):
        assert ids(queues.receive("work", 10)) == ["a"]
        assert queues.release() == 1
    assert queues.receive("work", 10) == []
    assert [letter.reason for letter in died(store)] == ["the run time stopped while it was being handled"]


def test_messages_that_were_held_together_come_again_one_by_one_over_all_queues_and_no_receive_counts(
    store: Store, queues: Queues
) -> None:
    send(store, queues, "a", "b")
    send(store, queues, "c", queue="other")
    queues.receive("work", 10)
    queues.receive("other", 10)
    assert queues.release() == 3
    send(store, queues, "new")
    heard = store.listen("queue/other")
    for expected in ("a", "b"):
        batch = queues.receive("work", 1)
        assert [(each.message.id, each.message.receive_count) for each in batch] == [(expected, 1)]
        assert queues.receive("other", 10) == []
        assert not heard.is_set()
        settle(queues, batch)
    assert heard.is_set()
    assert ids(queues.receive("other", 10)) == ["c"]
    assert ids(queues.receive("work", 10)) == ["new"]


def test_what_comes_again_is_ahead_of_what_was_sent_meanwhile(
    store: Store, queues: Queues, clock: HandMovedClock
) -> None:
    send(store, queues, "a", "b")
    queues.receive("work", 2)
    clock.advance(1)
    send(store, queues, "new")
    clock.advance(1)
    queues.release()
    for expected in ("a", "b", "new"):
        batch = queues.receive("work", 1)
        assert ids(batch) == [expected]
        settle(queues, batch)


def test_one_that_is_never_settled_keeps_the_next_for_the_longest_visibility_timeout(
    store: Store, queues: Queues, clock: HandMovedClock
) -> None:
    send(store, queues, "a", "b")
    queues.receive("work", 10)
    queues.release()
    assert ids(queues.receive("work", 10)) == ["a"]
    clock.advance(OTHER.visibility_timeout_seconds - 0.1)
    assert "b" not in ids(queues.receive("work", 10))
    clock.advance(0.1)
    assert ids(queues.receive("work", 10)) == ["b"]


def ended_by(queues: Queues, guilty: str, receives: list[str]) -> bool:
    """Four consumers take what there is until one of them has the guilty message, which ends the process."""
    while taken := [(name, each) for name in ("work", "other") for _ in "12" for each in queues.receive(name, 1)]:
        receives += [delivery.message.id for _, delivery in taken]
        if guilty in receives[-len(taken) :]:
            queues.release()
            return True
        for name, delivery in taken:
            queues.settle(name, [delivery], retry={}, dead={})
    return False


@pytest.mark.parametrize("guilty", ["a0", "b3", "a9"])
def test_a_message_that_ends_each_process_dies_after_its_receives_and_one_and_takes_nobody_with_it(
    store: Store, queues: Queues, guilty: str
) -> None:
    send(store, queues, *(f"a{number}" for number in range(10)))
    send(store, queues, *(f"b{number}" for number in range(10)), queue="other")
    receives: list[str] = []
    starts = 0
    while ended_by(queues, guilty, receives) and starts < 20:
        starts += 1
        send(store, queues, f"new{starts}")
        send(store, queues, f"newer{starts}", queue="other")
    queue = WORK if guilty.startswith("a") else OTHER
    assert starts == receives.count(guilty) == queue.max_receive_count + 1
    letters = [letter.id for queue in ("work", "other") for letter in died(store, queue)]
    assert (letters, queues.depth("work"), queues.depth("other")) == ([guilty], 0, 0)
    assert set(receives) >= {f"a{number}" for number in range(10)} | {f"b{number}" for number in range(10)}


def test_a_receipt_that_ran_out_does_not_hide_the_guilty_one(
    store: Store, queues: Queues, clock: HandMovedClock
) -> None:
    send(store, queues, "hangs", queue="other")
    send(store, queues, "a")
    received, is_there = 0, True
    while is_there and received < 20:
        queues.receive("other", 1)
        clock.advance(OTHER.visibility_timeout_seconds)
        is_there = len(queues.receive("work", 1)) == 1
        received += is_there
        queues.release()
    assert received == WORK.max_receive_count + 1


def test_however_often_the_process_is_killed_each_end_counts_for_one_message_at_most(
    store: Store, queues: Queues
) -> None:
    names = [f"m{number}" for number in range(8)]
    send(store, queues, *names)
    for _ in range(1 + len(names) * (WORK.max_receive_count - 1)):
        assert queues.receive("work", 4)
        queues.release()
    assert died(store) == []
    left = set()
    while batch := queues.receive("work", 10):
        left.update(ids(batch))
        settle(queues, batch)
    assert left == set(names)


def test_what_was_held_in_a_queue_that_is_gone_keeps_nobody_waiting(store: Store, queues: Queues) -> None:
    send(store, queues, "lost", queue="other")
    send(store, queues, "a")
    queues.receive("other", 1)
    queues.receive("work", 1)
    again = Queues(store, {"work": WORK}, queues._clock)
    assert again.release() == 2
    assert ids(again.receive("work", 1)) == ["a"]


def test_a_settlement_that_the_disk_refused_lets_the_next_one_on_when_it_is_made(
    store: Store, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(store, queues, "a", "b")
    queues.receive("work", 10)
    queues.release()
    batch = queues.receive("work", 10)

    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(store, "_commit", refuse)
    with pytest.raises(StoreError):
        settle(queues, batch)
    monkeypatch.undo()
    assert queues.receive("work", 10) == []
    settle(queues, batch)
    assert ids(queues.receive("work", 10)) == ["b"]


def test_a_message_that_waits_for_its_redelivery_is_not_hurried_by_a_restart(store: Store, queues: Queues) -> None:
    send(store, queues, "a")
    settle(queues, queues.receive("work", 10), retry={"a": "later"})
    assert queues.release() == 0
    assert queues.receive("work", 10) == []


def test_messages_older_than_the_retention_are_dropped_whether_or_not_somebody_receives(
    store: Store, queues: Queues, clock: HandMovedClock
) -> None:
    send(store, queues, "a")
    clock.advance(WORK.retention_seconds - 1)
    send(store, queues, "b")
    clock.advance(1)
    assert ids(queues.receive("work", 10)) == ["b"]
    clock.advance(WORK.retention_seconds)
    assert queues.expire() == 1
    assert queues.depth("work") == 0


def test_depth_and_age_tell_what_waits(store: Store, queues: Queues, clock: HandMovedClock) -> None:
    assert (queues.depth("work"), queues.age_seconds("work"), queues.seconds_until_due("work")) == (0, 0, None)
    send(store, queues, "a", "b")
    clock.advance(5)
    queues.receive("work", 1)
    assert (queues.depth("work"), queues.age_seconds("work"), queues.seconds_until_due("work")) == (2, 5, 0)
    queues.receive("work", 1)
    assert queues.seconds_until_due("work") == 30


def test_consumers_hear_of_a_message_once_it_is_committed(store: Store, queues: Queues) -> None:
    bell = store.listen("queue/work")
    send(store, queues, "a")
    assert bell.wait(5)


def test_the_dead_are_counted_by_queue_and_together(store: Store, queues: Queues) -> None:
    send(store, queues, "a", "b")
    send(store, queues, "c", queue="other")
    settle(queues, queues.receive("work", 10), dead={"a": "bad", "b": "worse"})
    queues.settle("other", queues.receive("other", 10), retry={}, dead={"c": "bad"})
    counted = store.read(lambda connection: [dead_letters.count(connection, name) for name in ("work", "other", "")])
    assert counted == [2, 1, 3]
