"""The loops that call functions: the change feed, a queue's consumers and a schedule."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

import pytest

from local_runtime import consumers
from local_runtime.client import BatchResult, Message, Record, Tick
from local_runtime.clock import moment
from local_runtime.consumers import ConsumerLoop, Turn, consumer_loops
from local_runtime.declarations import Consumer, Feed, Queue, Schedule
from local_runtime.feed import FeedReader, forget_other_feeds
from local_runtime.queues import Delivery, Queues
from local_runtime.schedules import ScheduleLoop
from local_runtime.store import Store
from tests.unit.local_runtime.conftest import HandMovedClock
from tests.unit.local_runtime.fakes import died, entry, eventually, functions

FEED = Feed(name="relay", database="orders", function="relay", batch_size=2)
WORK = Queue(name="work", max_receive_count=2, redelivery_delay_seconds=0)
CONSUMER = Consumer(name="work", queue="work", function="work", batch_size=5)


class Loop(Protocol):
    def run(self, stop: threading.Event) -> None: ...

    def wake(self) -> None: ...


@contextmanager
def running(*loops: Loop) -> Iterator[None]:
    """Until the block is left; then all are told to stop, as the supervisor does it."""
    stop = threading.Event()
    threads = [threading.Thread(target=loop.run, args=(stop,)) for loop in loops]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for loop in loops:
            loop.wake()
        for thread in threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in threads)


def change(store: Store, *bodies: bytes) -> None:
    def append(connection: sqlite3.Connection) -> None:
        connection.executemany("INSERT INTO change_feed (body) VALUES (?)", [(body,) for body in bodies])
        store.touch("database")

    store.write(append)


def test_changes_are_handed_over_in_order_in_batches_and_once(store: Store) -> None:
    batches: list[list[bytes]] = []

    def relay(records: list[Record], _: object) -> None:
        batches.append([record.body for record in records])

    reader = FeedReader(FEED, store, functions({"relay": relay}))
    change(store, b"1", b"2", b"3")
    with running(reader):
        eventually(lambda: len(batches) == 2, "two batches")
        change(store, b"4")
        eventually(lambda: len(batches) == 3, "a batch as soon as there is a change")
    assert batches == [[b"1", b"2"], [b"3"], [b"4"]]
    assert reader.lag() == 0


def test_a_batch_comes_again_until_the_function_returns_and_nothing_overtakes_it(store: Store) -> None:
    seen: list[list[int]] = []

    def relay(records: list[Record], _: object) -> None:
        seen.append([record.position for record in records])
        if len(seen) < 3:
            raise ConnectionError("bus is down")

    change(store, b"1", b"2", b"3")
    reader = FeedReader(FEED, store, functions({"relay": relay}), first_wait=0.001)
    with running(reader):
        eventually(lambda: reader.lag() == 0, "everything is delivered")
    assert seen == [[1, 2], [1, 2], [1, 2], [3]]


def test_a_new_reader_goes_on_after_what_was_delivered(store: Store) -> None:
    seen: list[int] = []

    def relay(records: list[Record], _: object) -> None:
        seen.extend(record.position for record in records)

    for body in (b"1", b"2"):
        change(store, body)
        reader = FeedReader(FEED, store, functions({"relay": relay}))
        with running(reader):
            eventually(lambda: reader.lag() == 0, "everything is delivered")  # noqa: B023 -- waited for in this round
    assert seen == [1, 2]


def test_delivered_changes_are_dropped_beyond_a_bound_but_none_that_a_feed_still_needs(store: Store) -> None:
    store.write(lambda connection: forget_other_feeds(connection, ["relay", "slow"]))
    change(store, b"1", b"2", b"3")
    reader = FeedReader(FEED, store, functions({"relay": lambda *_: None}), kept=2)
    with running(reader):
        eventually(lambda: reader.lag() == 0, "everything is delivered")
    assert positions(store) == [1, 2, 3]
    store.write(lambda connection: forget_other_feeds(connection, ["relay"]))
    change(store, b"4")
    with running(reader):
        eventually(lambda: reader.lag() == 0, "everything is delivered")
    assert positions(store) == [3, 4]


def positions(store: Store) -> list[int]:
    return store.read(lambda connection: [row[0] for row in connection.execute("SELECT position FROM change_feed")])


@pytest.fixture
def queues(store: Store) -> Queues:
    return Queues(store, {"work": WORK})


def send(store: Store, queues: Queues, *ids: str) -> None:
    for id_ in ids:
        store.write(lambda connection, id_=id_: queues.put(connection, "work", entry(id_)))  # type: ignore[misc]


def test_each_message_ends_as_the_function_said(store: Store, queues: Queues) -> None:
    received: list[tuple[str, int]] = []

    def work(messages: list[Message], _: object) -> BatchResult:
        received.extend((message.id, message.receive_count) for message in messages)
        ids = {message.id for message in messages}
        again = ids & {"retry"} if ("retry", 2) not in received else set()
        return BatchResult(retry=dict.fromkeys(again, "not yet"), dead=dict.fromkeys(ids & {"poison"}, "not an order"))

    loop = ConsumerLoop(CONSUMER, queues, functions({"work": work}), turn=Turn(CONSUMER, store))
    with running(loop):
        send(store, queues, "done", "retry", "poison")
        eventually(lambda: queues.depth("work") == 0, "the queue is empty")
    assert sorted(received) == [("done", 1), ("poison", 1), ("retry", 1), ("retry", 2)]
    assert [(letter.id, letter.reason) for letter in died(store)] == [("poison", "not an order")]


def test_what_the_function_said_last_is_why_a_message_died(store: Store) -> None:
    queues = Queues(store, {"work": Queue(name="work", max_receive_count=1)})
    calls = functions({"work": lambda messages, _: BatchResult(retry={messages[0].id: "the partner is away"})})
    with running(ConsumerLoop(CONSUMER, queues, calls, turn=Turn(CONSUMER, store))):
        send(store, queues, "a")
        eventually(lambda: len(died(store)) == 1, "the message is dead")
    assert [letter.reason for letter in died(store)] == ["the partner is away"]


def failing(_: object, __: object) -> BatchResult:
    raise ValueError("cannot parse")


def hanging(_: object, __: object) -> BatchResult:
    threading.Event().wait(1.5)
    return BatchResult()


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (failing, "ValueError: cannot parse"),
        (lambda *_: None, "the function returned NoneType instead of a BatchResult"),
        (hanging, "FunctionTimeoutError: function work did not return within 1 s"),
    ],
)
def test_a_function_that_fails_has_handled_nothing_and_its_failure_is_the_reason(
    store: Store, handler: object, reason: str
) -> None:
    queues = Queues(store, {"work": Queue(name="work", max_receive_count=1)})
    calls = functions({"work": handler}, timeout_seconds=1)  # type: ignore[dict-item]
    with running(ConsumerLoop(CONSUMER, queues, calls, turn=Turn(CONSUMER, store))):
        send(store, queues, "a", "b")
        eventually(lambda: len(died(store)) == 2, "both messages are dead")
    assert {letter.reason for letter in died(store)} == {reason}


def test_two_loops_share_a_queue_without_sharing_a_message(store: Store, queues: Queues) -> None:
    received: list[str] = []
    both = threading.Barrier(2, timeout=10)

    def work(messages: list[Message], _: object) -> BatchResult:
        received.extend(message.id for message in messages)
        both.wait()
        return BatchResult()

    one_each = Consumer(name="work", queue="work", function="work", batch_size=1)
    calls = functions({"work": work})
    with running(*consumer_loops(one_each, store, queues, calls)):
        send(store, queues, "a", "b")
        eventually(lambda: queues.depth("work") == 0, "the queue is empty")
    assert sorted(received) == ["a", "b"]


def test_a_message_wakes_one_of_a_consumers_loops_and_not_all(
    store: Store, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    receive = queues.receive

    def counted(queue: str, limit: int) -> list[Delivery]:
        looks.append(queue)
        return receive(queue, limit)

    monkeypatch.setattr(queues, "receive", counted)
    monkeypatch.setattr(consumers, "IDLE_SECONDS", 60.0)
    many = Consumer(name="work", queue="work", function="work", max_concurrency=10)
    with running(*consumer_loops(many, store, queues, functions({"work": lambda *_: BatchResult()}))):
        eventually(lambda: len(looks) == 1, "one of them waits for a message")
        send(store, queues, "a")
        eventually(lambda: len(looks) == 3, "the next one waits")
        eventually(lambda: queues.depth("work") == 0, "the queue is empty")
    assert len(looks) == 3


def test_only_a_message_that_comes_back_wakes_somebody_when_a_batch_is_over(store: Store, queues: Queues) -> None:
    send(store, queues, "done", "retry")
    bell = store.listen("queue/work")
    for message, retry in (("done", {}), ("retry", {"retry": "not yet"})):
        queues.settle("work", queues.receive("work", 1), retry=retry, dead={})
        assert bell.is_set() == (message == "retry")


DAILY = Schedule(name="cleanup", cron="0 3 * * *", timezone="Europe/Berlin", function="cleanup")


class Nightly:
    """A schedule that a test looks at from one tick to the next."""

    def __init__(self, store: Store, clock: HandMovedClock) -> None:
        self.store, self.clock = store, clock
        self.ticks: list[datetime] = []
        self._functions = functions({"cleanup": self._cleanup})

    def _cleanup(self, tick: Tick, _: object) -> None:
        self.ticks.append(tick.at)

    def at(self, when: str, schedule: Schedule = DAILY) -> float:
        """Start anew at that moment and look once."""
        self.clock.now_ms = round(datetime.fromisoformat(when).timestamp() * 1000)
        return ScheduleLoop(schedule, self.store, self._functions, self.clock).tick()

    def called(self) -> list[str]:
        return [at.isoformat() for at in self.ticks]


@pytest.fixture
def nightly(store: Store, clock: HandMovedClock) -> Nightly:
    return Nightly(store, clock)


def test_a_schedule_calls_at_its_tick_in_its_time_zone_and_not_before(nightly: Nightly) -> None:
    assert nightly.at("2026-11-22T12:00:00+01:00") == 60
    assert nightly.at("2026-11-23T02:59:59.500+01:00") == 0.5
    assert nightly.called() == []
    nightly.at("2026-11-23T03:00:00+01:00")
    assert nightly.called() == ["2026-11-23T02:00:00+00:00"]


def test_a_tick_is_never_called_twice(nightly: Nightly) -> None:
    nightly.at("2026-11-22T12:00:00+01:00")
    for minute in (0, 1, 30):
        nightly.at(f"2026-11-23T03:{minute:02}:00+01:00")
    assert len(nightly.called()) == 1


def test_of_the_ticks_missed_while_down_the_last_one_is_made_up_for(nightly: Nightly) -> None:
    nightly.at("2026-11-20T12:00:00+01:00")
    nightly.at("2026-11-23T09:00:00+01:00")
    assert nightly.called() == ["2026-11-23T02:00:00+00:00"]


def test_a_tick_is_taken_before_its_call_so_that_a_crash_in_it_never_makes_two(
    store: Store, clock: HandMovedClock
) -> None:
    def another_process(_: Tick, __: object) -> None:
        calls.append(clock())
        if len(calls) < 3:
            schedule.tick()

    calls: list[int] = []
    schedule = ScheduleLoop(DAILY, store, functions({"cleanup": another_process}), clock)
    schedule.tick()
    clock.advance(86_400)
    schedule.tick()
    assert len(calls) == 1


def test_a_new_schedule_begins_with_its_next_tick(nightly: Nightly) -> None:
    nightly.at("2026-11-23T09:00:00+01:00")
    assert nightly.called() == []


def test_a_tick_in_the_hour_that_summer_time_skips_is_not_lost(nightly: Nightly) -> None:
    skipped = Schedule(name="cleanup", cron="30 2 * * *", timezone="Europe/Berlin", function="cleanup")
    nightly.at("2026-03-28T12:00:00+01:00", skipped)
    nightly.at("2026-03-29T03:30:00+02:00", skipped)
    assert len(nightly.called()) == 1


def test_a_tick_in_the_hour_that_the_end_of_summer_time_repeats_is_called_once_and_then_waited_past(
    nightly: Nightly,
) -> None:
    repeated = Schedule(name="cleanup", cron="30 2 * * *", timezone="Europe/Berlin", function="cleanup")
    nightly.at("2026-10-24T12:00:00+02:00", repeated)
    moments = [f"2026-10-25T02:{minute:02}:00{offset}" for offset in ("+02:00", "+01:00") for minute in range(60)]
    waits = [nightly.at(moment, repeated) for moment in moments]
    assert set(waits) == {60}
    assert nightly.called() == ["2026-10-25T00:30:00+00:00"]


def test_a_schedule_that_is_off_calls_nothing_and_makes_nothing_up_when_it_is_on_again(nightly: Nightly) -> None:
    off = Schedule(name="cleanup", cron="0 3 * * *", timezone="Europe/Berlin", function="cleanup", enabled=False)
    nightly.at("2026-11-22T12:00:00+01:00", off)
    nightly.at("2026-11-23T03:00:00+01:00", off)
    nightly.at("2026-11-23T09:00:00+01:00")
    assert nightly.called() == []


def test_a_schedule_runs_by_itself(store: Store) -> None:
    called = threading.Event()
    every_second = Schedule(name="often", cron="* * * * * *", function="often")
    with running(ScheduleLoop(every_second, store, functions({"often": lambda *_: called.set()}))):
        assert called.wait(5)


def test_moments_are_utc() -> None:
    assert moment(0).isoformat() == "1970-01-01T00:00:00+00:00"
