"""A function's client: each call is checked against the function's grants, as a cloud would check its identity."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from local_runtime.client import Client, Entry, NotKeptError, PermissionDeniedError
from local_runtime.declarations import Function
from local_runtime.errors import RunTimeError
from local_runtime.home import Home
from local_runtime.store import Store

T = TypeVar("T")
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
DATABASE_TOPIC = "database"
"""Touched by each change of a function: its rows of the change feed may be among them."""


class Publisher(Protocol):
    def publish(self, destination: str, entries: Sequence[Entry]) -> None: ...


class Starter(Protocol):
    def start(self, run_id: str, data: Mapping[str, object]) -> bool: ...


class GrantedClient(Client):
    """What one function may do, and nothing else."""

    def __init__(
        self, function: Function, *, store: Store, publisher: Publisher, workflows: Mapping[str, Starter], home: Home
    ) -> None:
        self._function = function.name
        self._granted = {(grant.verb, grant.resource) for grant in function.grants}
        self._store = store
        self._publisher = publisher
        self._workflows = workflows
        self._home = home

    def read(self, database: str, query: Callable[[sqlite3.Connection], T]) -> T:
        self._require("read", f"database/{database}")
        return self._store.read(query)

    def write(self, database: str, change: Callable[[sqlite3.Connection], T]) -> T:
        self._require("write", f"database/{database}")

        def announced(connection: sqlite3.Connection) -> T:
            self._store.touch(DATABASE_TOPIC)
            return change(connection)

        return self._store.write(announced)

    def publish(self, destination: str, entries: Sequence[Entry]) -> None:
        self._require("publish", destination)
        self._publisher.publish(destination, entries)

    def start(self, workflow: str, run_id: str, data: Mapping[str, object]) -> bool:
        self._require("start", f"workflow/{workflow}")
        return self._workflows[workflow].start(run_id, data)

    def secret(self, name: str) -> str:
        self._require("read", f"secret/{name}")
        try:
            return (self._home.secrets / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RunTimeError(f"secret {name} has no value here: set it in the stack and run `pulumi up`") from None

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        self._require("write", f"bucket/{bucket}")
        try:
            put_atomically(self._home.buckets / bucket, key, body)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            raise NotKeptError(f"{key} was not written to bucket {bucket}: {error.strerror}") from error

    def _require(self, verb: str, resource: str) -> None:
        if (verb, resource) not in self._granted:
            raise PermissionDeniedError(self._function, verb, resource)


def put_atomically(folder: Path, key: str, body: bytes) -> None:
    """Write `folder/key` so that a reader sees all of it or what was there before; it is on disk on return.

    A key is a relative path; one that leaves the folder raises RunTimeError.
    """
    parts = key.split("/")
    if "\0" in key or any(part in ("", ".", "..") for part in parts):
        raise RunTimeError(f"object key {key!r} is not a relative path: use names joined by single slashes")
    path = folder.joinpath(*parts)
    _make_folder(path.parent)
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    try:
        _write_through(draft, body)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _flush_names(path.parent)


def _make_folder(folder: Path) -> None:
    if folder.exists():
        return
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        _flush_names(each.parent)


def _write_through(path: Path, body: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _flush_names(folder: Path) -> None:
    """A new name is on disk only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
