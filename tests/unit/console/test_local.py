"""A local system's answers to the console's ports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from console.local import Commits, RunTimeFaults, RunTimeHealth
from console.ports import Alarm, Armed, Fault, FaultRefusedError, Loop
from local_runtime import store as stores
from local_runtime.faults import Faults
from local_runtime.store import Store


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
