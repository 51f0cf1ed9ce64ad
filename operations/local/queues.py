"""How full each queue is."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from local_runtime.clock import Clock
from operations.local.declared_names import DeclaredNames
from operations.local.storage import Storage
from operations.ports import QueueState


class LocalQueues:
    """An operations.ports.Queues; all of them are seen at one moment."""

    def __init__(self, store: Storage, names: DeclaredNames, clock: Clock) -> None:
        self._store = store
        self._names = names
        self._clock = clock

    def states(self) -> Sequence[QueueState]:
        def query(connection: sqlite3.Connection) -> list[QueueState]:
            now = self._clock()
            return [_state(connection, queue, now) for queue in self._names.queues]

        return self._store.read(query)


def _state(connection: sqlite3.Connection, queue: str, now: int) -> QueueState:
    depth, oldest = connection.execute(
        "SELECT count(*), min(enqueued_at_ms) FROM messages WHERE queue = ?", (queue,)
    ).fetchone()
    (dead,) = connection.execute("SELECT count(*) FROM dead_letters WHERE queue = ?", (queue,)).fetchone()
    age = max(0, now - oldest) / 1000 if depth else 0.0
    return QueueState(queue=queue, depth=depth, age_seconds=age, dead_letters=dead)
