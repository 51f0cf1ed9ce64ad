"""Hands the change feed to a function in order, and again until the function returns: the transactional outbox."""

from __future__ import annotations

import logging
import sqlite3
from threading import Event

from local_runtime.client import Record
from local_runtime.declarations import Feed
from local_runtime.functions import Caller
from local_runtime.permissions import DATABASE_TOPIC
from local_runtime.store import Store

KEPT_POSITIONS = 10_000
"""Delivered rows that stay for somebody who looks into the file; older ones are deleted."""
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 30.0
IDLE_SECONDS = 5.0
"""A look without having been woken, in case another program wrote to the file."""
logger = logging.getLogger(__name__)


class FeedReader:
    """One feed. A batch that fails is delivered again, whole, after a wait that doubles from 0.1 s to 30 s."""

    def __init__(
        self,
        feed: Feed,
        store: Store,
        functions: Caller,
        *,
        first_wait: float = FIRST_WAIT_SECONDS,
        kept: int = KEPT_POSITIONS,
    ) -> None:
        self._kept = kept
        self._feed = feed
        self._store = store
        self._functions = functions
        self._first_wait = first_wait
        self._bell = store.listen(DATABASE_TOPIC)

    def run(self, stop: Event) -> None:
        wait = self._first_wait
        while not stop.is_set():
            batch = self._store.read(self._next_batch)
            if not batch:
                self._bell.wait(IDLE_SECONDS)
                self._bell.clear()
            elif self._deliver(batch):
                wait = self._first_wait
            else:
                stop.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def wake(self) -> None:
        self._bell.set()

    def lag(self) -> int:
        """Rows that have not been delivered."""

        def query(connection: sqlite3.Connection) -> int:
            number: int = connection.execute(
                "SELECT count(*) FROM change_feed WHERE position > ?", (self._cursor(connection),)
            ).fetchone()[0]
            return number

        return self._store.read(query)

    def _next_batch(self, connection: sqlite3.Connection) -> list[Record]:
        rows = connection.execute(
            "SELECT position, body FROM change_feed WHERE position > ? ORDER BY position LIMIT ?",
            (self._cursor(connection), self._feed.batch_size),
        )
        return [Record(position=position, body=body) for position, body in rows]

    def _deliver(self, batch: list[Record]) -> bool:
        try:
            self._functions.call(self._feed.function, batch)
        except Exception as error:  # noqa: BLE001 -- whatever it was, the batch has to come again
            logger.warning("feed batch failed", extra={"feed": self._feed.name, "reason": str(error)})
            return False
        self._store.write(lambda connection: self._advance(connection, batch[-1].position))
        return True

    def _advance(self, connection: sqlite3.Connection, position: int) -> None:
        """Move on, and drop what every feed has behind it."""
        connection.execute(
            "INSERT INTO feed_cursors VALUES (?, ?) ON CONFLICT (feed) DO UPDATE SET position = excluded.position",
            (self._feed.name, position),
        )
        connection.execute(
            "DELETE FROM change_feed WHERE position <= (SELECT min(position) FROM feed_cursors) - ?", (self._kept,)
        )

    def _cursor(self, connection: sqlite3.Connection) -> int:
        row = connection.execute("SELECT position FROM feed_cursors WHERE feed = ?", (self._feed.name,)).fetchone()
        return row[0] if row else 0


def forget_other_feeds(connection: sqlite3.Connection, declared: list[str]) -> None:
    """Drop the cursors of feeds that are no longer declared, which would keep rows for ever; add those of new ones."""
    known = {row[0] for row in connection.execute("SELECT feed FROM feed_cursors")}
    connection.executemany("DELETE FROM feed_cursors WHERE feed = ?", [(feed,) for feed in known - set(declared)])
    connection.executemany("INSERT INTO feed_cursors VALUES (?, 0)", [(feed,) for feed in set(declared) - known])
