"""Runs as they are found on disk: begun by an older version, or written by a hand in the file."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from components.saga.definition import Compensation, Retry, Saga, Step
from components.saga.json import to_document
from local_runtime import saga_journal
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import eventually
from tests.unit.local_runtime.saga_runs import Performer, executor, failure, running, status

RETRY = Retry(attempts=2, interval_seconds=1)
PAY = Step(
    name="pay",
    task="pay",
    timeout_seconds=30,
    retry=RETRY,
    compensation=Compensation(task="refund", timeout_seconds=30, retry=RETRY),
)
SAGA = Saga(name="order", nodes=(PAY,), on_rejected="no", on_failed="no")


def spoil(connection: sqlite3.Connection, run_id: str, column: str, value: str) -> None:
    if column == "definition":
        connection.execute("INSERT INTO saga_definitions VALUES ('spoilt', ?)", (value,))
        value = "spoilt"
    connection.execute(f"UPDATE saga_runs SET {column} = ? WHERE run_id = ?", (value, run_id))  # noqa: S608 -- our own


def written_before(attempts: int = 2, interval_seconds: float = 2) -> str:
    """The definition of a version that had no timeout of the end, and took parts of a second."""
    document: dict[str, Any] = to_document(SAGA)
    del document["end_timeout_seconds"]
    retry = {"attempts": attempts, "interval_seconds": interval_seconds, "factor": 1.5, "cap_seconds": 60.0}
    document["nodes"][0]["step"] |= {"retry": retry, "timeout_seconds": 30.0}
    return json.dumps(document)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("definition", "{", "the saga is not JSON that can be read: "),
        (
            "definition",
            '{"name": "old", "nodes": [], "on_rejected": "no", "on_failed": "no", "colour": "red"}',
            "saga has colour, which no target is sure to do",
        ),
        (
            "definition",
            written_before(interval_seconds=0.5),
            "saga.nodes[0].step.retry.interval_seconds is 0.5; it has to be a whole number",
        ),
        ("data", "{", "Expecting property name"),
        ("data", "7", "'int' object is not iterable"),
    ],
)
def test_a_run_that_cannot_be_read_is_stuck_and_says_why_and_the_others_go_on(
    store: Store, caplog: pytest.LogCaptureFixture, column: str, value: str, why: str
) -> None:
    saga_executor = executor(store, Performer())
    for run_id in ("ord_0", "ord_1", "ord_2"):
        saga_executor.start(run_id, {})
    store.write(lambda connection: spoil(connection, "ord_1", column, value))
    with running(saga_executor):
        eventually(lambda: status(saga_executor, "ord_2") == "succeeded", "the run after it ends")
        eventually(lambda: status(saga_executor, "ord_0") == "succeeded", "the run before it ends")
    assert (status(saga_executor), failure(saga_executor).code) == ("stuck", "not-runnable")
    assert failure(saga_executor).message.startswith(f"its record cannot be read: {why}")
    assert store.read(lambda connection: saga_journal.count_stuck(connection, "order")) == 1
    assert "saga run is stuck" in caplog.messages


def begun_before(store: Store, code: str, attempts: int) -> Performer:
    """Go on with a run whose first attempt had faulted under a code that is not used any more."""
    performer = Performer()
    saga_executor = executor(store, performer, SAGA)

    def write(connection: sqlite3.Connection) -> None:
        saga_journal.add_run(connection, "order", "ord_1", SAGA, "{}", 0)
        spoil(connection, "ord_1", "definition", written_before(attempts))
        connection.executemany(
            "INSERT INTO saga_journal SELECT sequence, ?, ?, 'do', 'pay', 1, 0, ?, '' FROM saga_runs",
            [(0, "started", ""), (1, "faulted", code)],
        )

    store.write(write)
    with running(saga_executor):
        eventually(lambda: status(saga_executor) not in ("running", "unknown"), "the run ends")
    return performer


@pytest.mark.parametrize("code", ["transient", "timeout"])
def test_a_run_that_an_older_version_began_is_retried(store: Store, code: str) -> None:
    performer = begun_before(store, code, attempts=2)
    assert [(call.key, call.attempt) for call in performer.calls] == [("ord_1:pay", 2)]


@pytest.mark.parametrize("code", ["transient", "timeout"])
def test_a_run_that_an_older_version_began_is_undone_and_its_end_has_the_code_of_that_version(
    store: Store, code: str
) -> None:
    undone, ended = begun_before(store, code, attempts=1).calls
    assert (undone.task, ended.task) == ("refund", "no")
    assert ended.failure is not None
    assert (ended.failure.step, ended.failure.code) == ("pay", code)
