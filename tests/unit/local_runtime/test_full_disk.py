"""A disk without room: what cannot be kept is refused so that it can be tried again, and then it can be."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.adapters.local.client import LocalClient
from functions.api.problems import problem_of
from functions.domain.errors import OrderError
from local_runtime.client import NotKeptError
from local_runtime.declarations import Function, Grant
from local_runtime.errors import StoreClosedError, StoreError, UnwritableError
from local_runtime.home import Home
from local_runtime.permissions import GrantedClient
from local_runtime.store import Change, Store


def pages(most: int) -> Change[int]:
    """Let the file have so many; SQLite then says of it what it says of a full disk."""
    return lambda connection: int(connection.execute(f"PRAGMA max_page_count = {most}").fetchone()[0])


def add(connection: sqlite3.Connection) -> int:
    return connection.execute("INSERT INTO change_feed (body) VALUES (zeroblob(50000))").rowcount


def rows(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM change_feed").fetchone()[0])


@pytest.fixture
def full(store: Store) -> Iterator[Store]:
    store.write(add)
    store.write(pages(1))  # as few as it has
    yield store
    store.write(pages(1_000_000))


def test_a_change_that_finds_no_room_is_refused_as_one_that_may_come_again(full: Store) -> None:
    with pytest.raises(UnwritableError, match=r"was not kept, since .*orders\.sqlite could not be written: .*full"):
        full.write(add)
    assert full.read(rows) == 1


def test_once_there_is_room_the_same_change_is_kept(full: Store) -> None:
    with pytest.raises(UnwritableError):
        full.write(add)
    full.write(pages(1_000_000))
    full.write(add)
    assert full.read(rows) == 2


@pytest.mark.parametrize("code", [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR | 3 << 8])
def test_a_commit_that_the_disk_refuses_may_come_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    error = sqlite3.OperationalError("the disk")
    error.sqlite_errorcode = code

    def refuse(*, is_changed: bool) -> None:
        raise error

    monkeypatch.setattr(store, "_commit", refuse)
    with pytest.raises(UnwritableError):
        store.write(add)
    monkeypatch.undo()
    assert store.read(rows) == 0
    store.write(add)


def test_a_statement_that_the_full_disk_refused_may_come_again_while_the_transaction_goes_on(store: Store) -> None:
    def refused(connection: sqlite3.Connection) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with pytest.raises(UnwritableError):
        store.write(refused)


def test_a_transaction_that_the_full_disk_has_ended_may_come_again_too(store: Store) -> None:
    """SQLite may undo all of it, the neighbours' changes included."""

    def ended(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with pytest.raises(UnwritableError):
        store.write(ended)


def test_a_change_that_is_wrong_by_itself_is_not_called_a_full_disk(store: Store) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        store.write(lambda connection: connection.execute("INSERT INTO nowhere VALUES (1)").rowcount)
    with pytest.raises(StoreError) as ended:
        store.write(lambda connection: connection.execute("COMMIT").rowcount)
    assert not isinstance(ended.value, UnwritableError)


class Refusing:
    """A client whose disk is full."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def write(self, *_: object) -> object:
        raise self._error

    publish = start = put_object = write


@pytest.mark.parametrize("error", [UnwritableError("of /the/inside: full"), StoreClosedError()])
@pytest.mark.parametrize("verb", ["write", "publish", "start", "put_object"])
def test_the_api_tells_a_client_to_come_again_and_nothing_of_the_inside(error: Exception, verb: str) -> None:
    refusing: Any = Refusing(error)
    arguments: dict[str, tuple[object, ...]] = {"start": ("order", "ord_1", {}), "put_object": ("archive", "key", b"")}
    with pytest.raises(OrderError) as refused:
        getattr(LocalClient(refusing), verb)(*arguments.get(verb, ("orders", [])))
    problem = problem_of(refused.value)
    assert (problem.type.status, problem.headers) == (503, {"Retry-After": "1"})
    assert "inside" not in problem.detail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_an_object_for_which_there_is_no_room_may_come_again_and_leaves_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    client = client_with_a_bucket(store, tmp_path)
    monkeypatch.setattr(os, "fsync", refusing(number))
    with pytest.raises(NotKeptError, match=f"^one was not written to bucket archive: {os.strerror(number)}$"):
        client.put_object("archive", "one", b"1")
    monkeypatch.undo()
    assert list((tmp_path / "buckets" / "archive").iterdir()) == []
    client.put_object("archive", "one", b"1")
    assert (tmp_path / "buckets" / "archive" / "one").read_bytes() == b"1"


def test_an_object_that_is_refused_for_another_reason_is_not_called_a_full_disk(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", refusing(errno.EACCES))
    with pytest.raises(PermissionError):
        client_with_a_bucket(store, tmp_path).put_object("archive", "one", b"1")


def refusing(number: int) -> Callable[[int], None]:
    def refuse(_: int) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def client_with_a_bucket(store: Store, root: Path) -> GrantedClient:
    (root / "buckets" / "archive").mkdir(parents=True)
    function = Function(name="keep", handler="m:f", grants=[Grant(verb="write", resource="bucket/archive")])
    nobody: Any = None
    return GrantedClient(function, store=store, publisher=nobody, workflows={}, home=Home(root))
