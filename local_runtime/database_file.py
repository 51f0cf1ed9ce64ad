"""Connections to the SQLite file, and what is said of a file or a disk that cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

from local_runtime.errors import StoreError

SCHEMA_VERSION = 1
BUSY_TIMEOUT_SECONDS = 10
MOVE_AWAY = "move the file, with its -wal, -shm and -acknowledged, away"
"""SQLite would replay the log of the one over the other, and the count of the one is not that of the other."""
OR_BEGIN = "run `pulumi refresh`, then `pulumi up`, to begin with an empty one"
WAY_OUT = f"{MOVE_AWAY}; then put a backup in its place, or {OR_BEGIN}"
_OF_THE_DISK = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
)


class LentConnection(sqlite3.Connection):
    """A connection whose transaction is shared, so no borrower may end it for the others."""

    def _refuse(self, *_: object) -> NoReturn:
        raise StoreError("the transaction is shared with other changes: return to commit it, raise to undo it")

    commit = rollback = close = executescript = __enter__ = __exit__ = _refuse

    def shut(self) -> None:
        super().close()


def connect(path: Path, *, read_only: bool = False, factory: type[sqlite3.Connection] = sqlite3.Connection) -> Any:  # noqa: ANN401 -- an instance of `factory`
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}",
        uri=True,
        isolation_level=None,
        timeout=BUSY_TIMEOUT_SECONDS,
        check_same_thread=False,
        cached_statements=512,
        factory=factory,
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        sqlite3.Connection.close(connection)
        raise
    return connection


@contextmanager
def refused(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file that it cannot use into one line."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be used ({error}): check its rights, the disk and who else holds it") from None
    except sqlite3.DatabaseError as error:
        raise damaged(path, error) from None


def damaged(path: Path, detail: object) -> StoreError:
    finding = " ".join(str(detail).split())
    return StoreError(f"{path} is damaged ({finding}): {WAY_OUT}")


def wrong_version(path: Path, version: int) -> StoreError:
    return StoreError(
        f"{path} has schema version {version}, and this run time keeps version {SCHEMA_VERSION}: use the code that it "
        f"was made with, or {MOVE_AWAY} and {OR_BEGIN}"
    )


def is_of_the_disk(error: BaseException | None) -> bool:
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_DISK
