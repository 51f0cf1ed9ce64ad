"""How many commits of a database somebody was told of: a number beside it, which a torn log cannot take back.

SQLite reads its log up to the first damaged page and goes on without the rest, in silence. That is right for a write
that was cut off, and would lose what was answered. So each commit counts itself in the file, and once it is on disk,
before anybody is answered, its count is written beside the file. A file that counts less than that has lost something.
A count that is too low refuses nobody: it is written after the commit, and not forced to the disk.

Only the run time counts. What another process has written, such as an operator's redrive, is kept as surely as SQLite
keeps it, and nobody would notice that it is gone.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from local_runtime.database_file import WAY_OUT
from local_runtime.errors import StoreError

SUFFIX = "-acknowledged"
_DIGITS = 20


class Acknowledged:
    """The number beside one database."""

    def __init__(self, database: Path) -> None:
        with _usable(beside(database)):
            self._file = os.open(beside(database), os.O_CREAT | os.O_RDWR, 0o600)

    def note(self, commits: int) -> None:
        with suppress(OSError):  # what it counts is on disk, and has to be answered on a full one too
            os.pwrite(self._file, b"%0*d\n" % (_DIGITS, commits), 0)

    def close(self) -> None:
        os.close(self._file)


def beside(database: Path) -> Path:
    return database.with_name(database.name + SUFFIX)


def count_commit(connection: sqlite3.Connection) -> int:
    """Count the commit that is about to be made."""
    ((commits,),) = connection.execute("UPDATE commits SET number = number + 1 RETURNING number").fetchall()
    return int(commits)


def require_whole(database: Path, connection: sqlite3.Connection) -> None:
    """Raise StoreError when commits are gone that were answered; `connection` must not be one that writes.

    The last connection that may write to a file folds the log into it, and what could be mended would be gone.
    """
    noted = _noted(database)  # first, since another process may be at work
    lost = noted - _counted(connection)
    if lost > 0:
        raise StoreError(
            f"{database} lacks its last {lost} of {noted} commits, all of them answered: {database}-wal is damaged or "
            f"gone. Nothing was changed: put sound copies of the two in their place; or {WAY_OUT}; or, to go on "
            f"without what is lost, remove {beside(database)} and start again"
        )


def forget(database: Path) -> None:
    """The file is a new one, or has all of its log: what was answered before is gone with it, or safe in it."""
    with _usable(beside(database)):
        beside(database).unlink(missing_ok=True)


def _noted(database: Path) -> int:
    """0 where there is none, or none that can be read: a crash of the machine may leave anything."""
    with _usable(beside(database)), suppress(FileNotFoundError, ValueError):
        return int(beside(database).read_bytes())
    return 0


def _counted(connection: sqlite3.Connection) -> int:
    """0 for a file without the table; what that means is for others to say."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'commits'").fetchone():
        return 0
    row = connection.execute("SELECT number FROM commits").fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _usable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path} cannot be used ({error.strerror}): check its rights and the disk") from None
