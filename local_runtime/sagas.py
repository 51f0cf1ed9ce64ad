"""Runs sagas: each call is in the journal before it is made and each result before the next call is, so a run survives
`kill -9` between any two instructions.
"""

from __future__ import annotations

import queue
from collections.abc import Mapping
from threading import Event

from components.saga.definition import Saga
from components.saga.json import from_document
from components.saga.start import checked_run_id, data_to_json
from local_runtime import saga_journal
from local_runtime.clock import Clock, system_clock
from local_runtime.declarations import Workflow
from local_runtime.saga_journal import RunState
from local_runtime.saga_turns import Inbox, Tasks, Turns
from local_runtime.store import Store


class SagaExecutor:
    """The runs of one workflow. `start` may be called from any thread, `run` by one at a time."""

    def __init__(self, workflow: Workflow, store: Store, tasks: Tasks, clock: Clock = system_clock) -> None:
        self.workflow = workflow
        self.saga: Saga = from_document(workflow.saga)
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._inbox: Inbox = queue.SimpleQueue()

    def start(self, run_id: str, data: Mapping[str, object]) -> bool:
        """Returned True: the run is on disk and will be run to its end. False: the id was used before.

        Raises SagaError for an id or data that not every target takes.
        """
        checked, text = checked_run_id(run_id), data_to_json(data)
        added = self._store.write(
            lambda connection: saga_journal.add_run(
                connection, self.workflow.name, checked, self.saga, text, self._clock()
            )
        )
        if added:
            self.wake()
        return added

    def state(self, run_id: str) -> RunState | None:
        """None for an id that was never used."""
        return self._store.read(lambda connection: saga_journal.find(connection, self.workflow.name, run_id))

    def wake(self) -> None:
        self._inbox.put(None)

    def run(self, stop: Event) -> None:
        """Take turns until `stop`, then see the calls under way to their end for a few seconds."""
        # Answers to calls of an earlier, failed thread go to its own inbox, where nobody mistakes them for today's.
        self._inbox = queue.SimpleQueue()
        turns = Turns(self.workflow, self._store, self._tasks, self._clock, self._inbox)
        while not stop.is_set():
            turns.take()
        turns.finish()
