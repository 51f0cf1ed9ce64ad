"""The SQLite file that everything durable is in: a write that returned is on disk, and many writes share one commit."""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn, TypeAlias, TypeVar

from local_runtime import schema
from local_runtime.errors import StoreClosedError, StoreError

T = TypeVar("T")
SCHEMA_VERSION = 1
QUEUED_WRITES = 10_000
WRITES_PER_COMMIT = 512
"""Bounds how long the first of a group waits for the commit that it shares."""
BUSY_TIMEOUT_SECONDS = 10
Change: TypeAlias = Callable[[sqlite3.Connection], T]
_Change: TypeAlias = tuple[Change[Any], "Future[Any]"]
_Answer: TypeAlias = Callable[[], None]


def create(path: Path, schemas: Sequence[str]) -> None:
    """Make the file with the run time's own tables and those of `schemas` (`package/file.sql`); a made one is kept.

    A made one gets what has been added to the schemas since. Raises StoreError, with the file as it was, if it is
    damaged, of another version, or has tables that would have to be changed.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with _refused(path), closing(_connect(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            schema.make(connection, schemas, SCHEMA_VERSION)
        elif version == SCHEMA_VERSION:
            schema.renew(connection, schemas, path)
        else:
            raise _wrong_version(path, version)


def check(path: Path) -> None:
    """Raise StoreError, naming the file and what to do, unless it is a sound database of this version."""
    if not path.exists():
        raise StoreError(f"there is no database at {path}: run `pulumi refresh`, then `pulumi up`, to make it again")
    with _refused(path), closing(_connect(path)) as connection:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise _damaged(path, verdict)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            raise _wrong_version(path, version)


class Store:
    """One writer thread commits for everyone (group commit); readers see snapshots and wait for nobody."""

    def __init__(self, path: Path) -> None:
        check(path)
        self._path = path
        self._changes: queue.Queue[_Change | None] = queue.Queue(QUEUED_WRITES)
        self._readers: list[sqlite3.Connection] = []
        self._bells: dict[str, list[threading.Event]] = {}
        self._touched: set[str] = set()
        self._closed = False
        self.commits = 0
        self._entrance = threading.Lock()
        self._is_last = False
        self._writing = _connect(path, factory=_LentConnection)
        self._writer = threading.Thread(target=self._write_on, name="store-writer", daemon=True)
        self._writer.start()

    def write(self, change: Change[T]) -> T:
        """Run `change` in a transaction: returned means on disk, raised means that nothing of it happened.

        Raises what `change` raised, or StoreError when the disk refused the commit. Waits while 10,000 are queued.
        """
        if threading.current_thread() is self._writer:
            raise StoreError("a change was asked for inside a change: use the connection that it was given")
        future: Future[T] = Future()
        with self._entrance:
            if self._closed:
                raise StoreClosedError
            self._changes.put((change, future))
        return future.result()

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run `query` on a consistent snapshot that includes every write that has returned.

        Raises what `query` raised, or StoreError once the file was taken away.
        """
        connection = self._reader()
        try:
            connection.execute("BEGIN")
            return query(connection)
        finally:
            connection.rollback()
            self._give_back(connection)

    def listen(self, topic: str) -> threading.Event:
        """An event, the listener's own, that is set after each commit in which `topic` was touched."""
        bell = threading.Event()
        self._bells.setdefault(topic, []).append(bell)
        return bell

    def touch(self, topic: str) -> None:
        """Tell the topic's listeners once this transaction is committed; only from within a change."""
        self._touched.add(topic)

    @property
    def queued(self) -> int:
        """Changes that wait for the writer."""
        return self._changes.qsize()

    def close(self) -> None:
        """Commit what is queued, fold the log into the file and let go of it; later writes raise StoreClosedError."""
        with self._entrance:
            if not self._closed:
                self._closed = True
                self._close_readers()  # before the writer, who folds the log in if it is the last one there
                self._changes.put(None)
        self._writer.join()
        self._close_readers()

    def _close_readers(self) -> None:
        with suppress(IndexError):  # whoever reads takes from the same list
            while True:
                self._readers.pop().close()

    def _reader(self) -> sqlite3.Connection:
        try:
            return self._readers.pop()
        except IndexError:
            with _refused(self._path):
                reader: sqlite3.Connection = _connect(self._path, read_only=True)
            return reader

    def _give_back(self, connection: sqlite3.Connection) -> None:
        self._readers.append(connection)
        if self._closed:
            self._close_readers()

    def _write_on(self) -> None:
        while not self._is_last and (first := self._changes.get()) is not None:
            self._commit_group(first)
        with suppress(sqlite3.Error):  # somebody else may be reading: then the log is folded in at the next start
            self._writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writing.shut()

    def _commit_group(self, first: _Change) -> None:
        """Whoever queues up while the group runs joins it; nobody is answered before the COMMIT.

        A change that raised waits too: what it saw may be a neighbour's, which its caller could not read before then.
        """
        done: list[_Answer] = []
        ours = [first[1]]
        try:
            self._writing.execute("BEGIN IMMEDIATE")
            change: _Change | None = first
            while change is not None:
                self._run(change, done)
                change = self._next_of_group(len(ours))
                ours += [change[1]] if change else []
            self._writing.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 -- whatever it is, those who wait would do so for ever
            self._fail_group(ours, error)
            return
        self.commits += 1
        for answer in done:
            answer()
        self._ring()

    def _run(self, change: _Change, done: list[_Answer]) -> None:
        """Run one change in its savepoint; raises sqlite3.Error when the whole transaction is gone."""
        self._writing.execute("SAVEPOINT change")
        try:
            value = change[0](self._writing)
        except BaseException as error:  # noqa: BLE001 -- it belongs to the caller, who waits in another thread
            self._require_transaction(error)
            self._writing.execute("ROLLBACK TO change")
            self._writing.execute("RELEASE change")
            done.append(partial(change[1].set_exception, error))
        else:
            self._require_transaction(None)
            self._writing.execute("RELEASE change")
            done.append(partial(change[1].set_result, value))

    def _require_transaction(self, cause: BaseException | None) -> None:
        if not self._writing.in_transaction:
            raise sqlite3.OperationalError(f"the transaction ended inside a change: {cause or 'it was committed'}")

    def _next_of_group(self, size: int) -> _Change | None:
        if size >= WRITES_PER_COMMIT:
            return None
        try:
            change = self._changes.get_nowait()
        except queue.Empty:
            return None
        self._is_last = change is None
        return change

    def _fail_group(self, futures: Sequence[Future[Any]], error: Exception) -> None:
        with suppress(sqlite3.Error):  # a connection that is beyond use refuses the next group's BEGIN, too
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
        self._touched.clear()
        for future in futures:
            future.set_exception(
                StoreError(f"the change was not kept, since {self._path} could not be written: {error}")
            )

    def _ring(self) -> None:
        for topic in self._touched:
            for bell in self._bells.get(topic, ()):
                bell.set()
        self._touched.clear()


class _LentConnection(sqlite3.Connection):
    """A connection whose transaction is shared, so no borrower may end it for the others."""

    def _refuse(self, *_: object) -> NoReturn:
        raise StoreError("the transaction is shared with other changes: return to commit it, raise to undo it")

    commit = rollback = close = executescript = __enter__ = __exit__ = _refuse

    def shut(self) -> None:
        super().close()


def _connect(path: Path, *, read_only: bool = False, factory: type[sqlite3.Connection] = sqlite3.Connection) -> Any:  # noqa: ANN401 -- an instance of `factory`
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
def _refused(path: Path) -> Iterator[None]:
    """Turn what SQLite says of a file that it cannot use into one line."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be used ({error}): check its rights, the disk and who else holds it") from None
    except sqlite3.DatabaseError as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, detail: object) -> StoreError:
    finding = " ".join(str(detail).split())
    return StoreError(
        f"{path} is damaged ({finding}): put a backup in its place, or move it and its -wal and -shm files away and "
        "run `pulumi refresh`, then `pulumi up`, to begin with an empty one"
    )


def _wrong_version(path: Path, version: int) -> StoreError:
    return StoreError(
        f"{path} has schema version {version}, and this run time keeps version {SCHEMA_VERSION}: use the code that it "
        "was made with, or move it away and run `pulumi refresh`, then `pulumi up`, to begin with an empty one"
    )
