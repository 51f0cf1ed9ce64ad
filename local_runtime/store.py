"""The SQLite file that everything durable is in: a write that returned is on disk, and many writes share one commit."""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from local_runtime import acknowledged, schema
from local_runtime.answer import Answer
from local_runtime.database_file import (
    SCHEMA_VERSION,
    LentConnection,
    connect,
    damaged,
    is_of_the_disk,
    refused,
    wrong_version,
)
from local_runtime.errors import StoreClosedError, StoreError, UnwritableError
from local_runtime.write_ahead_log import WriteAheadLog

T = TypeVar("T")
WRITES_PER_COMMIT = 512
"""Bounds how long the first of a group waits for the commit that it shares."""
Change: TypeAlias = Callable[[sqlite3.Connection], T]
_Change: TypeAlias = tuple[Change[Any], Answer[Any]]
_Answering: TypeAlias = Callable[[], None]


def create(path: Path, schemas: Sequence[str]) -> None:
    """Make the file with the run time's own tables and those of `schemas` (`package/file.sql`); a made one is kept.

    A made one gets what has been added to the schemas since. Raises StoreError, with the file as it was, if it is
    damaged, of another version, or has tables that would have to be changed.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    if path.stat().st_size == 0:
        acknowledged.forget(path)
    require_whole(path)
    with refused(path), closing(connect(path)) as connection:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            schema.make(connection, schemas, SCHEMA_VERSION)
        elif version == SCHEMA_VERSION:
            schema.renew(connection, schemas, path)
        else:
            raise wrong_version(path, version)


def check(path: Path) -> None:
    """Raise StoreError, naming the file and what to do, unless it is a sound database of this version."""
    if not path.exists():
        raise StoreError(f"there is no database at {path}: run `pulumi refresh`, then `pulumi up`, to make it again")
    require_whole(path)
    with refused(path), closing(connect(path)) as connection:
        verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise damaged(path, verdict)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version != SCHEMA_VERSION:
            raise wrong_version(path, version)
        if missing := schema.missing(connection):
            raise StoreError(f"{path} lacks {', '.join(missing)}, which this run time keeps: run `pulumi up` to add it")


def require_whole(path: Path) -> None:
    """Raise StoreError, with the file and its log as they were, if what was answered is no longer in them."""
    with refused(path), closing(connect(path, read_only=True)) as connection:
        acknowledged.require_whole(path, connection)


class Store:
    """One writer thread commits for everyone (group commit); readers see snapshots and wait for nobody."""

    def __init__(self, path: Path) -> None:
        check(path)
        self._path = path
        self._changes: queue.SimpleQueue[_Change | None] = queue.SimpleQueue()
        self._readers: list[sqlite3.Connection] = []
        self._bells: dict[str, list[threading.Event]] = {}
        self._touched: set[str] = set()
        self._closed = False
        self.commits = 0
        self._entrance = threading.Lock()
        self._is_last = False
        self._writing = connect(path, factory=LentConnection)
        self._acknowledged = acknowledged.Acknowledged(path)
        self._log = WriteAheadLog(path, self._writing)
        self._writer = threading.Thread(target=self._write_on, name="store-writer", daemon=True)
        self._writer.start()

    def write(self, change: Change[T]) -> T:
        """Run `change` in a transaction: returned means on disk, raised means that nothing of it happened.

        Raises what `change` raised, or UnwritableError when the disk refused the commit. Who writes waits, so no
        more are queued than there are threads.
        """
        if threading.current_thread() is self._writer:
            raise StoreError("a change was asked for inside a change: use the connection that it was given")
        answer: Answer[T] = Answer()
        with self._entrance:
            if self._closed:
                raise StoreClosedError
            self._changes.put((change, answer))
        return answer.wait()

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
            with refused(self._path):
                reader: sqlite3.Connection = connect(self._path, read_only=True)
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
        self._acknowledged.close()

    def _commit_group(self, first: _Change) -> None:
        """Whoever queues up while the group runs joins it; nobody is answered before the COMMIT.

        A change that raised waits too: what it saw may be a neighbour's, which its caller could not read before then.
        """
        done: list[_Answering] = []
        ours = [first[1]]
        try:
            self._writing.execute("BEGIN IMMEDIATE")
            before = self._writing.total_changes
            change: _Change | None = first
            while change is not None:
                self._run(change, done)
                change = self._next_of_group(len(ours))
                ours += [change[1]] if change else []
            self._commit(is_changed=self._writing.total_changes != before)
        except Exception as error:  # noqa: BLE001 -- whatever it is, those who wait would do so for ever
            self._fail_group(ours, error)
            return
        self.commits += 1
        for answer in done:
            answer()
        self._ring()
        self._log.keep_short()

    def _commit(self, *, is_changed: bool) -> None:
        commits = acknowledged.count_commit(self._writing) if is_changed else None
        self._writing.execute("COMMIT")
        if commits is not None:
            self._acknowledged.note(commits)

    def _run(self, change: _Change, done: list[_Answering]) -> None:
        """Run one change in its savepoint; raises sqlite3.Error when the whole transaction is gone."""
        self._writing.execute("SAVEPOINT change")
        try:
            value = change[0](self._writing)
        except BaseException as error:  # noqa: BLE001 -- it belongs to the caller, who waits in another thread
            self._require_transaction(error)
            self._writing.execute("ROLLBACK TO change")
            self._writing.execute("RELEASE change")
            done.append(partial(change[1].fail, self._unwritable(error) if is_of_the_disk(error) else error))
        else:
            self._require_transaction(None)
            self._writing.execute("RELEASE change")
            done.append(partial(change[1].give, value))

    def _require_transaction(self, cause: BaseException | None) -> None:
        if not self._writing.in_transaction:
            why = f"the transaction ended inside a change: {cause or 'it was committed'}"
            raise sqlite3.OperationalError(why) from cause

    def _next_of_group(self, size: int) -> _Change | None:
        if size >= WRITES_PER_COMMIT:
            return None
        try:
            change = self._changes.get_nowait()
        except queue.Empty:
            return None
        self._is_last = change is None
        return change

    def _fail_group(self, answers: Sequence[Answer[Any]], error: Exception) -> None:
        with suppress(sqlite3.Error):  # a connection that is beyond use refuses the next group's BEGIN, too
            if self._writing.in_transaction:
                self._writing.execute("ROLLBACK")
        self._touched.clear()
        for answer in answers:
            answer.fail(self._unwritable(error))

    def _unwritable(self, error: BaseException) -> StoreError:
        """What the disk refused can be tried again; what the changes themselves spoilt cannot."""
        kind = UnwritableError if is_of_the_disk(error) or is_of_the_disk(error.__cause__) else StoreError
        return kind(f"the change was not kept, since {self._path} could not be written: {error}")

    def _ring(self) -> None:
        for topic in self._touched:
            for bell in self._bells.get(topic, ()):
                bell.set()
        self._touched.clear()
