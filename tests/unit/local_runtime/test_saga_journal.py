"""What is kept of runs that have ended, and what it costs to find what need not be."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from components.saga.order import ORDER_SAGA
from local_runtime import saga_journal
from local_runtime.queues import Queues
from local_runtime.store import Store
from local_runtime.system import FORGOTTEN_AT_ONCE, Upkeep
from tests.unit.local_runtime.fakes import eventually

LONG_AGO, LATELY = 1_000, 5_000
LIMIT = 100


def ended(connection: sqlite3.Connection, run_id: str, status: str, at_ms: int, uncompensated: str = "[]") -> None:
    saga_journal.add_run(connection, "order", run_id, ORDER_SAGA, "{}", at_ms)
    connection.execute(
        "UPDATE saga_runs SET status = ?, uncompensated = ?, ended_at_ms = ? WHERE run_id = ?",
        (status, uncompensated, None if status == "running" else at_ms, run_id),
    )
    connection.execute(
        "INSERT INTO saga_journal SELECT sequence, 0, 'started', 'do', 'pay', 1, 0, '', '' FROM saga_runs"
        " WHERE run_id = ?",
        (run_id,),
    )


def many_succeeded(store: Store, prefix: str, count: int, at_ms: int) -> None:
    def change(connection: sqlite3.Connection) -> None:
        for number in range(count):
            ended(connection, f"{prefix}{number}", "succeeded", at_ms)

    store.write(change)


def journals(store: Store) -> set[str]:
    query = "SELECT DISTINCT run_id FROM saga_journal JOIN saga_runs ON sequence = run"
    return store.read(lambda connection: {row[0] for row in connection.execute(query)})


def to_forget(store: Store, before_ms: int, limit: int = LIMIT) -> list[int]:
    return store.read(lambda connection: saga_journal.to_forget(connection, before_ms, limit))


def forget(store: Store, before_ms: int) -> None:
    runs = to_forget(store, before_ms)
    store.write(lambda connection: saga_journal.forget_journals(connection, runs))


@pytest.mark.parametrize("status", ["succeeded", "rejected", "failed"])
def test_the_journal_of_a_run_that_ended_well_is_forgotten_after_its_time_and_the_run_is_not(
    store: Store, status: str
) -> None:
    store.write(lambda connection: ended(connection, "old", status, LONG_AGO))
    forget(store, LONG_AGO)
    assert journals(store) == {"old"}
    forget(store, LONG_AGO + 1)
    assert journals(store) == set()
    found = store.read(lambda connection: saga_journal.find(connection, "order", "old"))
    assert found is not None
    assert found.status == status


def test_what_somebody_has_to_look_at_is_kept_and_hides_nothing_after_it(store: Store) -> None:
    def fill(connection: sqlite3.Connection) -> None:
        ended(connection, "stuck", "stuck", LONG_AGO)
        ended(connection, "uncompensated", "failed", LONG_AGO, '["pay"]')
        ended(connection, "running", "running", LONG_AGO)
        ended(connection, "well", "succeeded", LONG_AGO)
        ended(connection, "new", "succeeded", LATELY)

    store.write(fill)
    forget(store, LATELY)
    assert journals(store) == {"stuck", "uncompensated", "running", "new"}


def test_nothing_is_to_be_forgotten_where_nothing_was_started(store: Store) -> None:
    assert to_forget(store, LATELY) == []


def test_looking_takes_no_longer_for_runs_that_were_forgotten_before_or_are_too_new(store: Store) -> None:
    store.write(lambda connection: ended(connection, "stuck", "stuck", LONG_AGO))
    before = steps_to_look(store)
    many_succeeded(store, "old", LIMIT, LONG_AGO)
    forget(store, LATELY)
    many_succeeded(store, "new", LIMIT, LATELY)
    assert journals(store) == {"stuck", *(f"new{n}" for n in range(LIMIT))}
    assert steps_to_look(store) < before + LIMIT


def steps_to_look(store: Store) -> int:
    """Instructions of SQLite's virtual machine."""
    steps = [0]

    def count() -> None:
        steps[0] += 1

    def look(connection: sqlite3.Connection) -> None:
        connection.set_progress_handler(count, 1)
        assert saga_journal.to_forget(connection, LATELY, LIMIT) == []
        connection.set_progress_handler(None, 1)

    store.read(look)
    return steps[0]


def test_upkeep_forgets_more_than_one_batch(store: Store) -> None:
    many_succeeded(store, "old", 2 * FORGOTTEN_AT_ONCE + 1, LONG_AGO)
    stop = threading.Event()
    upkeep = threading.Thread(target=Upkeep(store, Queues(store, {})).run, args=(stop,))
    upkeep.start()
    eventually(lambda: journals(store) == set(), "everything is forgotten")
    stop.set()
    upkeep.join(10)
    assert not upkeep.is_alive()
