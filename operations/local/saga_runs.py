"""An order's saga as its journal tells it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from components.saga.decider import Entry, Kind
from local_runtime import saga_journal
from local_runtime.clock import moment
from local_runtime.saga_journal import STUCK, RunState
from operations.local.declared_names import DeclaredNames
from operations.local.storage import Storage
from operations.ports import Attempt, Ending, SagaRun

UNFINISHED = ("running", STUCK)
"""A run of these may have no journal yet; of others it has been forgotten."""


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


def attempts_of(journal: Iterable[Entry]) -> tuple[Attempt, ...]:
    """The start of an attempt and its end are one; one that was cut off and done again under its number is, too."""
    attempts: dict[tuple[str, str, int], Attempt] = {}
    for entry in journal:
        key = (entry.phase, entry.step, entry.attempt)
        begun = attempts.get(key) or _begun(entry)
        attempts[key] = begun if entry.kind is Kind.STARTED else _ended(begun, entry)
    return tuple(attempts.values())


def _run(connection: sqlite3.Connection, workflow: str, order_id: str) -> SagaRun | None:
    state = saga_journal.find(connection, workflow, order_id)
    if state is None:
        return None
    attempts = attempts_of(saga_journal.journal_of(connection, workflow, order_id))
    if not attempts and state.status not in UNFINISHED:
        return None
    return SagaRun(status=state.status, attempts=attempts, uncompensated=state.uncompensated, reason=_reason(state))


def _reason(state: RunState) -> str:
    if state.failure is None:
        return ""
    return ": ".join(part for part in (state.failure.step, state.failure.message or state.failure.code) if part)


def _begun(entry: Entry) -> Attempt:
    return Attempt(
        step=entry.step,
        phase=entry.phase,
        number=entry.attempt,
        began_at=moment(entry.at_ms),
        ended_at=None,
        ending=None,
    )


def _ended(begun: Attempt, entry: Entry) -> Attempt:
    return replace(
        begun, ended_at=moment(entry.at_ms), ending=Ending(entry.kind), code=entry.code, message=entry.message
    )
