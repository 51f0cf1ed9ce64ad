"""A queue loses nothing, repeats what was not acknowledged, and gives up after a known number of receives."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import pytest

from local_runtime import dead_letters
from local_runtime.client import Entry
from local_runtime.declarations import Queue
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


def test_messages_that_were_held_together_are_not_buried_however_often_the_process_ends(
    store: Store, queues: Queues
) -> None:
    send(store, queues, "a", "b")
    for _ in range(10):
        assert ids(queues.receive("work", 10)) == ["a", "b"]
        assert queues.release() == 2
    assert [each.message.receive_count for each in queues.receive("work", 10)] == [1, 1]
    assert died(store) == []


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
