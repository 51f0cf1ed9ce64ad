"""Queues that deliver at least once: a message is gone only when its consumer said so, or died with a reason.

A received message is invisible for the visibility timeout and comes back after it. A failed one comes back after a
delay that doubles with each receive. After exactly `max_receive_count` receives it moves to the dead letters; a receive
that the end of the process cut off does not count, but for the one message that may have caused it (see `interrupted`).
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local_runtime.client import Entry, Message
from local_runtime.clock import Clock, system_clock
from local_runtime.dead_letters import bury
from local_runtime.declarations import Queue
from local_runtime.interrupted import Interrupted
from local_runtime.store import Store

NOT_ACKNOWLEDGED = "it was not acknowledged within the visibility timeout"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A message in a consumer's hands; `receipt` is worth nothing once the message was delivered again."""

    message: Message
    sequence: int
    receipt: str


class Queues:
    """Every method is one durable change, but for `put`, which is part of the caller's."""

    def __init__(self, store: Store, declared: Mapping[str, Queue], clock: Clock = system_clock) -> None:
        self._store = store
        self._declared = declared
        self._clock = clock
        self._interrupted = Interrupted(declared)

    def put(self, connection: sqlite3.Connection, queue: str, entry: Entry) -> None:
        """Add a message in the transaction at hand; consumers hear of it once that is committed."""
        now = self._clock()
        connection.execute(
            "INSERT INTO messages (queue, id, body, attributes, enqueued_at_ms, visible_at_ms) VALUES (?,?,?,?,?,?)",
            (queue, entry.id, entry.body, json.dumps(dict(entry.attributes)), now, now),
        )
        self._store.touch(topic(queue))

    def receive(self, queue: str, limit: int) -> list[Delivery]:
        """Up to `limit` messages that are due, oldest first; each counts as a receive whatever happens next."""
        if self.seconds_until_due(queue) != 0:
            return []
        return self._store.write(lambda connection: self._take(connection, self._declared[queue], limit))

    def settle(
        self, queue: str, batch: Sequence[Delivery], *, retry: Mapping[str, str], dead: Mapping[str, str]
    ) -> None:
        """End a batch: the messages in `retry` come back, those in `dead` die (each with its reason), the rest is done.

        Both go by message id. A delivery whose message was delivered again meanwhile is left alone.
        """

        settled = {delivery.sequence for delivery in batch}

        def change(connection: sqlite3.Connection) -> None:
            for delivery in batch:
                if not _still_held(connection, delivery):
                    continue
                message = delivery.message
                if message.id in dead:
                    bury(connection, delivery.sequence, dead[message.id], self._clock())
                elif message.id in retry:
                    self._fail(connection, self._declared[queue], delivery, retry[message.id])
                else:
                    connection.execute("DELETE FROM messages WHERE sequence = ?", (delivery.sequence,))
            if retry:
                self._store.touch(topic(queue))
            if following := self._interrupted.let_on(connection, settled):
                self._store.touch(topic(following))

        self._store.write(change)
        self._interrupted.forget(settled)

    def release(self) -> int:
        """Take back what the previous process held, before anything is received; returns how many messages that were.

        Right only because there is one process: whoever held a receipt is dead, and its lock on the home is ours, so
        waiting for the visibility timeout would delay the message and protect nobody.
        """
        return self._store.write(lambda connection: self._interrupted.release(connection, self._clock()))

    def expire(self) -> int:
        """Delete messages older than their queue's retention, as every cloud does; dead letters are kept."""

        def change(connection: sqlite3.Connection) -> int:
            return sum(self._drop_expired(connection, queue) for queue in self._declared.values())

        return self._store.write(change)

    def depth(self, queue: str) -> int:
        """Messages waiting or in flight."""
        return self._number("SELECT count(*) FROM messages WHERE queue = ?", queue) or 0

    def age_seconds(self, queue: str) -> float:
        """How long ago the oldest message was sent; 0 for an empty queue."""
        oldest = self._number("SELECT min(enqueued_at_ms) FROM messages WHERE queue = ?", queue)
        return 0.0 if oldest is None else max(0, self._clock() - oldest) / 1000

    def seconds_until_due(self, queue: str) -> float | None:
        """0 when a message can be received now, None for an empty queue."""
        next_due = self._number("SELECT min(visible_at_ms) FROM messages WHERE queue = ?", queue)
        return None if next_due is None else max(0, next_due - self._clock()) / 1000

    def _take(self, connection: sqlite3.Connection, queue: Queue, limit: int) -> list[Delivery]:
        now, receipt = self._clock(), secrets.token_hex(8)
        self._drop_expired(connection, queue)
        self._bury_exhausted(connection, queue, now)
        rows = connection.execute(
            "UPDATE messages SET receive_count = receive_count + 1, visible_at_ms = ?, receipt = ? WHERE sequence IN ("
            "SELECT sequence FROM messages WHERE queue = ? AND visible_at_ms <= ?"
            " ORDER BY visible_at_ms, sequence LIMIT ?) RETURNING sequence, id, body, attributes, receive_count",
            (now + _ms(queue.visibility_timeout_seconds), receipt, queue.name, now, limit),
        )
        return [_delivery(row, receipt) for row in sorted(rows)]

    def _bury_exhausted(self, connection: sqlite3.Connection, queue: Queue, now: int) -> None:
        """Nobody reported how the last receive of these ended."""
        rows = connection.execute(
            "SELECT sequence, receipt, last_failure FROM messages"
            " WHERE queue = ? AND visible_at_ms <= ? AND receive_count >= ?",
            (queue.name, now, queue.max_receive_count),
        ).fetchall()
        for sequence, receipt, last_failure in rows:
            bury(connection, sequence, NOT_ACKNOWLEDGED if receipt else last_failure, now)

    def _fail(self, connection: sqlite3.Connection, queue: Queue, delivery: Delivery, reason: str) -> None:
        now, receives = self._clock(), delivery.message.receive_count
        connection.execute(
            "UPDATE messages SET visible_at_ms = ?, receipt = NULL, last_failure = ?,"
            " first_failed_at_ms = coalesce(first_failed_at_ms, ?) WHERE sequence = ?",
            (now + _ms(redelivery_seconds(queue, receives)), reason, now, delivery.sequence),
        )
        if receives >= queue.max_receive_count:
            bury(connection, delivery.sequence, reason, now)

    def _drop_expired(self, connection: sqlite3.Connection, queue: Queue) -> int:
        oldest = self._clock() - _ms(queue.retention_seconds)
        return connection.execute(
            "DELETE FROM messages WHERE queue = ? AND enqueued_at_ms <= ?", (queue.name, oldest)
        ).rowcount

    def _number(self, query: str, queue: str) -> int | None:
        number: int | None = self._store.read(lambda connection: connection.execute(query, (queue,)).fetchone()[0])
        return number


def topic(queue: str) -> str:
    """What the store's listeners know a queue by."""
    return f"queue/{queue}"


def redelivery_seconds(queue: Queue, receives: int) -> float:
    """Doubles with each receive, up to the visibility timeout."""
    return float(min(queue.redelivery_delay_seconds * 2.0 ** min(receives - 1, 60), queue.visibility_timeout_seconds))


def _still_held(connection: sqlite3.Connection, delivery: Delivery) -> bool:
    return (
        connection.execute(
            "SELECT 1 FROM messages WHERE sequence = ? AND receipt = ?", (delivery.sequence, delivery.receipt)
        ).fetchone()
        is not None
    )


def _delivery(row: tuple[int, str, bytes, str, int], receipt: str) -> Delivery:
    sequence, message_id, body, attributes, receive_count = row
    message = Message(id=message_id, body=body, attributes=json.loads(attributes), receive_count=receive_count)
    return Delivery(message=message, sequence=sequence, receipt=receipt)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
