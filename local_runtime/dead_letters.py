"""Messages that no consumer could handle, with the reason, kept until somebody sends them back (redrive).

`python -m local_runtime.dead_letters --home HOME list|redrive --queue NAME [--id ID] [--dry-run]`, also while the run
time is up.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from local_runtime.clock import Clock, moment, system_clock
from local_runtime.errors import StoreError
from local_runtime.home import Home
from local_runtime.store import Store


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """`queue` is the queue it died in."""

    queue: str
    id: str
    body: bytes
    receive_count: int
    died_at: datetime
    reason: str


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


class DeadLetters:
    def __init__(self, store: Store, clock: Clock = system_clock) -> None:
        self._store = store
        self._clock = clock

    def list(self, queue: str) -> list[DeadLetter]:
        """Those that died in the queue, first died first."""
        rows = self._store.read(
            lambda connection: connection.execute(
                "SELECT queue, id, body, receive_count, died_at_ms, reason FROM dead_letters"
                " WHERE queue = ? ORDER BY sequence",
                (queue,),
            ).fetchall()
        )
        return [
            DeadLetter(queue=q, id=i, body=body, receive_count=count, died_at=moment(died), reason=reason)
            for q, i, body, count, died, reason in rows
        ]

    def count(self, queue: str) -> int:
        """Of one queue; an empty name counts them all."""
        number: int = self._store.read(
            lambda connection: connection.execute(
                "SELECT count(*) FROM dead_letters WHERE ? IN ('', queue)", (queue,)
            ).fetchone()[0]
        )
        return number

    def redrive(self, queue: str, message_id: str | None = None) -> int:
        """Send one (or all) back to the queue it died in, as if it had just been sent; returns how many."""
        now = self._clock()

        def change(connection: sqlite3.Connection) -> int:
            connection.execute(
                "INSERT INTO messages (queue, id, body, attributes, enqueued_at_ms, visible_at_ms)"
                " SELECT queue, id, body, attributes, ?, ? FROM dead_letters"
                " WHERE queue = ? AND id = coalesce(?, id) ORDER BY sequence",
                (now, now, queue, message_id),
            )
            self._store.touch(f"queue/{queue}")
            return connection.execute(
                "DELETE FROM dead_letters WHERE queue = ? AND id = coalesce(?, id)", (queue, message_id)
            ).rowcount

        return self._store.write(change)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        with closing(Store(Home(options.home).database)) as store:
            print(_perform(options, DeadLetters(store)))
    except StoreError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _perform(options: argparse.Namespace, letters: DeadLetters) -> str:
    if options.verb == "redrive" and not options.dry_run:
        return f"{letters.redrive(options.queue, options.id)} sent back to {options.queue}"
    chosen = [letter for letter in letters.list(options.queue) if options.id in (None, letter.id)]
    lines = [
        f"{each.died_at:%Y-%m-%dT%H:%M:%SZ} {each.id} {each.receive_count} receives: {each.reason}" for each in chosen
    ]
    would = "would be sent back" if options.verb == "redrive" else "dead"
    return "\n".join([*lines, f"{len(chosen)} {would}"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_runtime.dead_letters", description=__doc__)
    parser.add_argument("verb", choices=("list", "redrive"))
    parser.add_argument("--home", type=Path, required=True, help="the local system's folder")
    parser.add_argument("--queue", required=True)
    parser.add_argument("--id", help="one message only")
    parser.add_argument("--dry-run", action="store_true", help="say what redrive would do")
    return parser


if __name__ == "__main__":
    sys.exit(main())
