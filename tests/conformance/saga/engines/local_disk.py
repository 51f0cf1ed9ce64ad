"""One run as it is on disk, whatever its process believes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from types import ModuleType
from typing import TypeAlias

from components.saga.decider import Kind, Phase
from local_runtime import saga_journal
from local_runtime.saga_journal import Run, RunState
from local_runtime.store import Store

Row: TypeAlias = tuple[Phase, str, int, Kind, str]
"""Of the journal: phase, step, attempt, kind and code."""
JOURNAL = (
    "SELECT phase, step, attempt, kind, code FROM saga_journal JOIN saga_runs ON sequence = run"
    " WHERE workflow = ? AND run_id = ? ORDER BY position"
)


@dataclass(frozen=True)
class Disk:
    """The run is the only one of its workflow."""

    store: Store
    workflow: str
    run_id: str

    def state(self) -> RunState:
        state = self.store.read(lambda connection: saga_journal.find(connection, self.workflow, self.run_id))
        assert state, "the run was never started"
        return state

    def due(self, deciding: ModuleType) -> set[tuple[str, str, int]]:
        """Key, task and attempt of the calls that a process which begins now would make, and find begun."""
        runs = self.store.read(lambda connection: saga_journal.load_unfinished(connection, self.workflow, 0, 1))
        decisions = [deciding.decide(run.saga, run.journal) for run in runs if isinstance(run, Run)]
        calls = [call for decision in decisions for call in getattr(decision, "calls", ())]
        return {(call.key(self.run_id), call.task, call.attempt) for call in calls if call.is_started}

    def journal(self) -> list[Row]:
        query = (self.workflow, self.run_id)
        rows = self.store.read(lambda connection: connection.execute(JOURNAL, query).fetchall())
        return [(Phase(phase), step, attempt, Kind(kind), code) for phase, step, attempt, kind, code in rows]

    def is_alarmed(self) -> bool:
        """What the two alarms on the sagas of a local system watch."""
        return self.store.read(self._alarms) > 0

    def _alarms(self, connection: sqlite3.Connection) -> int:
        stuck = saga_journal.count_stuck(connection, self.workflow)
        return stuck + saga_journal.count_uncompensated(connection, self.workflow)
