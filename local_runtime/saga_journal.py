"""Saga runs on disk: what each was started with, everything that happened to it, and how it ended."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache

from components.saga.decider import Ended, Entry, Failure, Kind, Phase
from components.saga.definition import Saga
from components.saga.json import from_json, to_json

STUCK = "stuck"
"""The status of a run that nobody works on any more although it did not end properly: somebody has to look."""


@dataclass(kw_only=True)
class Run:
    """An unfinished run as it was loaded, and what was added to its journal since."""

    sequence: int
    run_id: str
    saga: Saga
    data: str
    """JSON, of which each call reads a copy of its own: what one task changes in it no other gets."""
    journal: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class UnreadableRun:
    """An unfinished run whose definition or data this code cannot make anything of."""

    sequence: int
    run_id: str
    why: str


@dataclass(frozen=True, kw_only=True)
class RunState:
    """What is known of a run; `status` is running, succeeded, rejected, failed or stuck."""

    status: str
    failure: Failure | None
    uncompensated: tuple[str, ...]


def add_run(connection: sqlite3.Connection, workflow: str, run_id: str, saga: Saga, data: str, now_ms: int) -> bool:
    """False, and nothing changed, when the id was used before; `data` is JSON."""
    digest, body = _written(saga)
    connection.execute("INSERT OR IGNORE INTO saga_definitions VALUES (?, ?)", (digest, body))
    added = connection.execute(
        "INSERT OR IGNORE INTO saga_runs (workflow, run_id, definition, data, status, started_at_ms)"
        " VALUES (?, ?, ?, ?, 'running', ?)",
        (workflow, run_id, digest, data, now_ms),
    ).rowcount
    return added == 1


def load_unfinished(connection: sqlite3.Connection, workflow: str, after: int, limit: int) -> list[Run | UnreadableRun]:
    """Runs in the order of their start, those after the sequence number `after`."""
    rows = connection.execute(
        "SELECT sequence, run_id, body, data FROM saga_runs JOIN saga_definitions ON digest = definition"
        " WHERE workflow = ? AND status = 'running' AND sequence > ? ORDER BY sequence LIMIT ?",
        (workflow, after, limit),
    ).fetchall()
    return [_run(sequence, run_id, body, data, _entries(connection, sequence)) for sequence, run_id, body, data in rows]


def append(connection: sqlite3.Connection, run: Run, first: int, entries: Sequence[Entry]) -> None:
    """Add what happened, from position `first` of the run's journal on."""
    connection.executemany(
        "INSERT INTO saga_journal (run, position, kind, phase, step, attempt, at_ms, code, message)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (run.sequence, first + index, e.kind, e.phase, e.step, e.attempt, e.at_ms, e.code, e.message)
            for index, e in enumerate(entries)
        ],
    )


def end(connection: sqlite3.Connection, run: Run, ended: Ended, now_ms: int) -> None:
    """A run whose end could not be recorded is stuck, with what the recording ended with as its failure."""
    failure = ended.end_error or ended.failure
    status = STUCK if ended.end_error else ended.outcome.value
    _close(connection, run, status, failure, ended.uncompensated, now_ms)


def give_up(connection: sqlite3.Connection, run: Run | UnreadableRun, why: str, now_ms: int) -> None:
    """Mark a run stuck that cannot go on at all."""
    _close(connection, run, STUCK, Failure(step="", code="not-runnable", message=why), (), now_ms)


def find(connection: sqlite3.Connection, workflow: str, run_id: str) -> RunState | None:
    row = connection.execute(
        "SELECT status, failure, uncompensated FROM saga_runs WHERE workflow = ? AND run_id = ?", (workflow, run_id)
    ).fetchone()
    if row is None:
        return None
    status, failure, uncompensated = row
    return RunState(
        status=status,
        failure=Failure(**json.loads(failure)) if failure else None,
        uncompensated=tuple(json.loads(uncompensated)),
    )


def journal_of(connection: sqlite3.Connection, workflow: str, run_id: str) -> list[Entry]:
    """What happened to a run so far; nothing of one that is not known, or whose journal was forgotten."""
    row = connection.execute(
        "SELECT sequence FROM saga_runs WHERE workflow = ? AND run_id = ?", (workflow, run_id)
    ).fetchone()
    return _entries(connection, row[0]) if row else []


def count_stuck(connection: sqlite3.Connection, workflow: str) -> int:
    """Of one workflow; an empty name counts them all."""
    query = "SELECT count(*) FROM saga_runs WHERE status = 'stuck' AND ? IN ('', workflow)"
    number: int = connection.execute(query, (workflow,)).fetchone()[0]
    return number


def count_uncompensated(connection: sqlite3.Connection, workflow: str) -> int:
    """Runs with at least one compensation that failed for good; an empty name counts those of all workflows."""
    query = "SELECT count(*) FROM saga_runs WHERE uncompensated <> '[]' AND ? IN ('', workflow)"
    number: int = connection.execute(query, (workflow,)).fetchone()[0]
    return number


def to_forget(connection: sqlite3.Connection, ended_before_ms: int, limit: int) -> list[int]:
    """The first runs that ended well before then and still have a journal.

    Nobody looks at runs without a journal, of which there are ever more, nor at those that started later than that.
    """
    rows = connection.execute(
        "WITH RECURSIVE old (run) AS ("
        " SELECT min(run) FROM saga_journal UNION ALL"
        " SELECT (SELECT min(run) FROM saga_journal WHERE run > old.run) FROM old"
        " JOIN saga_runs ON sequence = old.run WHERE started_at_ms < ?)"
        " SELECT run FROM old CROSS JOIN saga_runs ON sequence = run"
        " WHERE ended_at_ms < ? AND status <> 'stuck' AND uncompensated = '[]' LIMIT ?",
        (ended_before_ms, ended_before_ms, limit),
    )
    return [run for (run,) in rows]


def forget_journals(connection: sqlite3.Connection, runs: Sequence[int]) -> None:
    """Drop what happened to these ended runs; the runs stay, so that no id is ever used twice."""
    connection.executemany("DELETE FROM saga_journal WHERE run = ?", [(run,) for run in runs])


def _close(
    connection: sqlite3.Connection,
    run: Run | UnreadableRun,
    status: str,
    failure: Failure | None,
    uncompensated: Sequence[str],
    now_ms: int,
) -> None:
    connection.execute(
        "UPDATE saga_runs SET status = ?, failure = ?, uncompensated = ?, ended_at_ms = ? WHERE sequence = ?",
        (
            status,
            json.dumps(asdict(failure)) if failure else None,
            json.dumps(uncompensated),
            now_ms,
            run.sequence,
        ),
    )


def _run(sequence: int, run_id: str, body: str, data: str, journal: list[Entry]) -> Run | UnreadableRun:
    try:
        saga = _saga(body)
        dict(json.loads(data))  # each call reads it for itself; here it only has to be readable
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with one run must not keep the others waiting
        return UnreadableRun(sequence=sequence, run_id=run_id, why=f"its record cannot be read: {error}")
    return Run(sequence=sequence, run_id=run_id, saga=saga, data=data, journal=journal)


def _entries(connection: sqlite3.Connection, sequence: int) -> list[Entry]:
    rows = connection.execute(
        "SELECT kind, phase, step, attempt, at_ms, code, message FROM saga_journal WHERE run = ? ORDER BY position",
        (sequence,),
    )
    return [
        Entry(kind=Kind(kind), phase=Phase(phase), step=step, attempt=n, at_ms=at, code=code, message=message)
        for kind, phase, step, n, at, code, message in rows
    ]


@lru_cache(maxsize=32)
def _written(saga: Saga) -> tuple[str, str]:
    """Digest and body of a definition."""
    body = to_json(saga).decode()
    return hashlib.sha256(body.encode()).hexdigest(), body


@lru_cache(maxsize=32)
def _saga(body: str) -> Saga:
    return from_json(body)
