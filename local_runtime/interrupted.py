"""What an earlier process held when it ended comes again one message at a time, so that a guilty one is found alone.

One of them may be what ends the process, and has to die in the end; the others are not to be buried for it, nor all of
them because somebody kills the run time again and again. So the receive that was cut off is given back, and of the
messages that were cut off before, of all queues, only one at a time is handed out. If the process ends then, too, that
receive counts: each end counts for one message at most, and a message that ends each process it comes to is received
at most `max_receive_count` times and once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from local_runtime.declarations import Queue

INTERRUPTED = "the run time stopped while it was being handled"


class _Message(NamedTuple):
    sequence: int
    queue: str
    receives: int
    is_held: bool
    is_known: bool
    """It was interrupted before, so if it was held it was the only such one."""


class Interrupted:
    """Their line. Each is let on once the one before it is settled, or at the latest when that has run out of time."""

    def __init__(self, declared: Mapping[str, Queue]) -> None:
        self._declared = declared
        self._line: Sequence[int] = ()

    def release(self, connection: sqlite3.Connection, now: int) -> int:
        """Take back what is still held, before anything is received; returns how many messages that were."""
        messages = [_Message(*row) for row in connection.execute(_FOUND, (INTERRUPTED,))]
        held = [message for message in messages if message.is_held]
        blamed = _blamed(held)
        left = [each._replace(receives=each.receives - (each.is_held and each is not blamed)) for each in messages]
        line = sorted(filter(self._can_be_received, left), key=lambda each: (each.receives, each.sequence))
        wait = max((round(queue.visibility_timeout_seconds * 1000) for queue in self._declared.values()), default=0)
        later = {each.sequence: now + number * wait for number, each in enumerate(line) if number}
        connection.executemany(
            "UPDATE messages SET visible_at_ms = coalesce(?, min(enqueued_at_ms, ?)), receipt = NULL,"
            " last_failure = ?, receive_count = ? WHERE sequence = ?",
            [(later.get(each.sequence), now, INTERRUPTED, each.receives, each.sequence) for each in left],
        )
        self._line = [each.sequence for each in line]
        return len(held)

    def let_on(self, connection: sqlite3.Connection, settled: Collection[int]) -> str | None:
        """In the transaction that settles these: the queue of the message that may come now, if there is one."""
        left = self._without(settled)
        if len(left) in (0, len(self._line)):
            return None
        rows = connection.execute(
            "UPDATE messages SET visible_at_ms = min(enqueued_at_ms, visible_at_ms)"
            " WHERE sequence = ? AND receipt IS NULL RETURNING queue",
            (left[0],),
        ).fetchall()
        return rows[0][0] if rows else None

    def forget(self, settled: Collection[int]) -> None:
        """Once that transaction is on disk."""
        self._line = self._without(settled)

    def _without(self, settled: Collection[int]) -> Sequence[int]:
        return [sequence for sequence in self._line if sequence not in settled]

    def _can_be_received(self, message: _Message) -> bool:
        """Whether somebody will settle it: who has no receive left is buried."""
        queue = self._declared.get(message.queue)
        return queue is not None and message.receives < queue.max_receive_count


_FOUND = """
SELECT sequence, queue, receive_count, receipt IS NOT NULL, last_failure IS ?1 FROM messages
WHERE receipt IS NOT NULL OR last_failure = ?1 ORDER BY visible_at_ms"""


def _blamed(held: Sequence[_Message]) -> _Message | None:
    """Whose receive counts: one that was interrupted before, else one that was alone.

    Several of the former are there only if one ran out of time: then the last that was handed out.
    """
    known = [message for message in held if message.is_known]
    return known[-1] if known else held[0] if len(held) == 1 else None
