"""The database of a system that another process runs, or that is stopped: opened anew for each question."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from local_runtime import acknowledged
from local_runtime.database_file import SCHEMA_VERSION, connect, refused, wrong_version

T = TypeVar("T")


class OutsideFile:
    """An operations.local.storage.Storage; raises StoreError, one line, for a file that cannot be used.

    Reading folds no log in. Writing may, if the run time is stopped: so a log of which a part is gone is refused first.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        with self._opened(read_only=True) as connection:
            connection.execute("BEGIN")
            return query(connection)

    def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        with self._opened(read_only=True) as connection:
            acknowledged.require_whole(self._path, connection)
        with self._opened(read_only=False) as connection:
            connection.execute("BEGIN IMMEDIATE")
            done = change(connection)
            connection.execute("COMMIT")
            return done

    def touch(self, topic: str) -> None:
        """Nobody to tell in this process: the run time's consumers look by themselves, each second."""

    @contextmanager
    def _opened(self, *, read_only: bool) -> Iterator[sqlite3.Connection]:
        """A transaction that was not committed ends with its connection."""
        with refused(self._path), closing(connect(self._path, read_only=read_only)) as connection:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version != SCHEMA_VERSION:
                raise wrong_version(self._path, version)
            yield connection
