"""A local system's answers to the console's ports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from console.local import Commits, RunTimeFaults, RunTimeHealth, RunTimeLetters, site
from console.ports import Alarm, Armed, Fault, FaultRefusedError, Loop, UnwritableError
from local_runtime import errors
from local_runtime import store as stores
from local_runtime.console import Watched
from local_runtime.declarations import Database, Queue
from local_runtime.declared import Declared
from local_runtime.faults import Faults
from local_runtime.home import Home
from local_runtime.store import Store
from operations.ports import DeadLetter
from tests.unit.console.memory import letter


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    stores.create(tmp_path / "orders.sqlite", ())
    opened = Store(tmp_path / "orders.sqlite")
    yield opened
    opened.close()


def test_the_mark_changes_with_each_commit_and_with_nothing_else(store: Store) -> None:
    changes = Commits(store)
    before = changes.mark()
    store.read(lambda connection: connection.execute("SELECT 1").fetchone())
    assert changes.mark() == before
    store.write(lambda connection: connection.execute("DELETE FROM messages"))
    assert changes.mark() != before


def test_health_is_what_the_run_time_says_of_itself() -> None:
    loop = {"running": True, "restarts": 2, "last_error": "OSError: x"}
    health = RunTimeHealth(lambda: {"alarms": {"dead": 3.0}, "loops": {"b": loop, "a": {**loop, "running": False}}})
    assert health.alarms() == [Alarm(name="dead", value=3.0)]
    assert health.loops() == [
        Loop(name="a", is_running=False, restarts=2, last_error="OSError: x"),
        Loop(name="b", is_running=True, restarts=2, last_error="OSError: x"),
    ]


@pytest.mark.parametrize("fault", list(Fault))
def test_a_task_is_armed_as_it_was_asked_and_disarmed(store: Store, fault: Fault) -> None:
    switch = RunTimeFaults(Faults(store, ["pay"]))
    assert switch.tasks() == ("pay",)
    switch.arm("pay", fault, 3)
    assert switch.armed() == [Armed(task="pay", fault=fault, orders_left=3)]
    switch.disarm("pay")
    assert switch.armed() == []


def test_what_the_run_time_refuses_is_refused_in_its_words(store: Store) -> None:
    switch = RunTimeFaults(Faults(store, ["pay"]))
    with pytest.raises(FaultRefusedError, match="there are pay"):
        switch.arm("fly", Fault.FAIL, 1)
    with pytest.raises(FaultRefusedError, match="there are pay"):
        switch.disarm("fly")


def test_a_fault_that_cannot_be_kept_is_refused_in_the_run_times_words(store: Store) -> None:
    switch = RunTimeFaults(Faults(store, ["pay"]))
    store.close()
    with pytest.raises(UnwritableError, match="the run time is stopping"):
        switch.arm("pay", Fault.FAIL, 1)
    with pytest.raises(UnwritableError, match="the run time is stopping"):
        switch.disarm("pay")


def test_dead_letters_that_cannot_be_sent_back_stay_and_the_site_says_why(store: Store, tmp_path: Path) -> None:
    home, declared = Home(tmp_path), Declared()
    for kind, resource in (("queue", Queue(name="ops")), ("database", Database(name="orders", schema="a/b.sql"))):
        (home.declarations / kind).mkdir(parents=True)
        (home.declarations / kind / f"{resource.name}.json").write_bytes(msgspec.json.encode(resource))
    watched = Watched(home=home, declared=declared, store=store, faults=Faults(store, []), health=dict)
    store.close()
    with pytest.raises(UnwritableError, match="the run time is stopping"):
        site(watched).operations.dead_letters.redrive("ops")


class Full:
    """The dead letters of a system whose disk is full."""

    def of(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        return [letter("dead", queue=queue)][:limit]

    def redrive(self, queue: str, *, message_id: str | None = None) -> int:
        raise errors.UnwritableError(f"{queue} {message_id}: the disk is full")


def test_dead_letters_are_read_while_the_disk_is_full_and_not_sent_back() -> None:
    letters = RunTimeLetters(Full())
    assert letters.of("ops", 5) == [letter("dead", queue="ops")]
    with pytest.raises(UnwritableError, match="ops dead: the disk is full"):
        letters.redrive("ops", message_id="dead")
