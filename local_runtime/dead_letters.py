"""Messages that no consumer could handle, with the reason, kept until somebody sends them back (operations/local)."""

from __future__ import annotations

import sqlite3


def bury(connection: sqlite3.Connection, sequence: int, reason: str, now_ms: int) -> None:
    """Move one message out of its queue, in the transaction at hand."""
    connection.execute(
        "INSERT INTO dead_letters"
        " (queue, id, body, attributes, enqueued_at_ms, receive_count, first_failed_at_ms, died_at_ms, reason)"
        " SELECT queue, id, body, attributes, enqueued_at_ms, receive_count, coalesce(first_failed_at_ms, ?), ?, ?"
        " FROM messages WHERE sequence = ?",
        (now_ms, now_ms, reason, sequence),
    )
    connection.execute("DELETE FROM messages WHERE sequence = ?", (sequence,))


def count(connection: sqlite3.Connection, queue: str) -> int:
    """Of one queue; an empty name counts them all."""
    query = "SELECT count(*) FROM dead_letters WHERE ? IN ('', queue)"
    number: int = connection.execute(query, (queue,)).fetchone()[0]
    return number
