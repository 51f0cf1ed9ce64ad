"""An order's saga as its journal tells it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from local_runtime import saga_journal
from local_runtime.clock import moment
from local_runtime.saga_journal import STUCK, RunState
from operations.local.declared_names import DeclaredNames
from operations.local.storage import Storage
from operations.ports import Attempt, Ending, Phase, SagaRun

UNFINISHED = ("running", STUCK)
"""A run of these may have no journal yet; of others it has been forgotten."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of a journal."""

    kind: str
    phase: str
    step: str
    attempt: int
    at_ms: int
    code: str
    message: str


class LocalSagaRuns:
    """An operations.ports.SagaRuns; a run bears the id of its order."""

    def __init__(self, store: Storage, names: DeclaredNames) -> None:
        self._store = store
        self._names = names

    def find(self, order_id: str) -> SagaRun | None:
        def query(connection: sqlite3.Connection) -> SagaRun | None:
            found = (_run(connection, workflow, order_id) for workflow in self._names.workflows)
            return next((run for run in found if run), None)

        return self._store.read(query)


def attempts_of(journal: Iterable[Line]) -> tuple[Attempt, ...]:
    """The start of an attempt and its end are one; one that was cut off and done again under its number is, too."""
    attempts: dict[tuple[str, str, int], Attempt] = {}
    for line in journal:
        key = (line.phase, line.step, line.attempt)
        begun = attempts.get(key) or _begun(line)
        attempts[key] = begun if line.kind == "started" else _ended(begun, line)
    return tuple(attempts.values())


def _run(connection: sqlite3.Connection, workflow: str, order_id: str) -> SagaRun | None:
    state = saga_journal.find(connection, workflow, order_id)
    if state is None:
        return None
    attempts = attempts_of(_journal(connection, workflow, order_id))
    if not attempts and state.status not in UNFINISHED:
        return None
    return SagaRun(status=state.status, attempts=attempts, uncompensated=state.uncompensated, reason=_reason(state))


def _journal(connection: sqlite3.Connection, workflow: str, order_id: str) -> list[Line]:
    rows = connection.execute(
        "SELECT kind, phase, step, attempt, at_ms, code, message FROM saga_runs JOIN saga_journal ON run = sequence"
        " WHERE workflow = ? AND run_id = ? ORDER BY position",
        (workflow, order_id),
    )
    return [
        Line(kind=kind, phase=phase, step=step, attempt=number, at_ms=at_ms, code=code, message=message)
        for kind, phase, step, number, at_ms, code, message in rows
    ]


def _reason(state: RunState) -> str:
    if state.failure is None:
        return ""
    return ": ".join(part for part in (state.failure.step, state.failure.message or state.failure.code) if part)


def _begun(line: Line) -> Attempt:
    return Attempt(
        step=line.step,
        phase=Phase(line.phase),
        number=line.attempt,
        began_at=moment(line.at_ms),
        ended_at=None,
        ending=None,
    )


def _ended(begun: Attempt, line: Line) -> Attempt:
    return replace(begun, ended_at=moment(line.at_ms), ending=Ending(line.kind), code=line.code, message=line.message)
