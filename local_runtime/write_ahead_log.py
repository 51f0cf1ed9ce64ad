"""Keeps SQLite's log short, which by itself grows for as long as readers follow one another without a gap.

SQLite copies the log into the file every 1,000 pages (4 MiB), but begins it anew only when nobody reads what is still
in it. Under constant load that moment may never come, so beyond 16 MiB the writer makes it: it waits a little for those
who read, while whoever comes next reads from the file.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path

LARGEST_BYTES = 16 * 1024 * 1024
"""What is written while somebody reads for longer than WAIT_MILLISECONDS comes on top."""
WAIT_MILLISECONDS = 200
AGAIN_SECONDS = 2.0
"""After a wait in vain; meanwhile commits wait for nobody."""


class WriteAheadLog:
    """Of one database; `connection` is the one that writes, and its busy timeout is what it goes back to."""

    def __init__(self, database: Path, connection: sqlite3.Connection, *, largest_bytes: int = LARGEST_BYTES) -> None:
        self._file = database.with_name(database.name + "-wal")
        self._connection = connection
        self._largest_bytes = largest_bytes
        (self._busy_milliseconds,) = connection.execute("PRAGMA busy_timeout").fetchone()
        self._not_before = 0.0

    def keep_short(self) -> None:
        """Between two transactions; that it is not possible now is no failure."""
        if time.monotonic() >= self._not_before and self._size() > self._largest_bytes and not self._begin_anew():
            self._not_before = time.monotonic() + AGAIN_SECONDS

    def _size(self) -> int:
        with suppress(OSError):  # taken away: the next commit tells
            return self._file.stat().st_size
        return 0

    def _begin_anew(self) -> bool:
        self._connection.execute(f"PRAGMA busy_timeout = {WAIT_MILLISECONDS}")
        try:
            is_busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error:  # of the disk: every commit so far is in the log all the same
            return False
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {self._busy_milliseconds}")
        return not is_busy
