"""Dead letters, and the way back into the queue that they died in."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from local_runtime.clock import Clock, moment
from local_runtime.queues import topic
from operations.limits import bounded
from operations.local.declared_names import DeclaredNames
from operations.local.storage import Storage
from operations.ports import DeadLetter


class LocalDeadLetters:
    """An operations.ports.DeadLetters.

    The run time's consumers hear of a redrive at once if it happens in their process, else within a second.
    """

    def __init__(self, store: Storage, names: DeclaredNames, clock: Clock) -> None:
        self._store = store
        self._names = names
        self._clock = clock

    def of(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        self._names.require_queue(queue)
        rows = self._store.read(
            lambda connection: connection.execute(
                "SELECT id, body, receive_count, died_at_ms, reason FROM dead_letters"
                " WHERE queue = ? ORDER BY sequence LIMIT ?",
                (queue, bounded(limit)),
            ).fetchall()
        )
        return [
            DeadLetter(queue=queue, id=id_, body=body, receive_count=count, died_at=moment(died), reason=reason)
            for id_, body, count, died, reason in rows
        ]

    def redrive(self, queue: str, *, message_id: str | None = None) -> int:
        self._names.require_queue(queue)
        now = self._clock()

        def change(connection: sqlite3.Connection) -> int:
            chosen = (queue, message_id)
            connection.execute(
                "INSERT INTO messages (queue, id, body, attributes, enqueued_at_ms, visible_at_ms)"
                " SELECT queue, id, body, attributes, ?, ? FROM dead_letters"
                " WHERE queue = ? AND id = coalesce(?, id) ORDER BY sequence",
                (now, now, *chosen),
            )
            self._store.touch(topic(queue))
            return connection.execute(
                "DELETE FROM dead_letters WHERE queue = ? AND id = coalesce(?, id)", chosen
            ).rowcount

        return self._store.write(change)
