"""The run time's client in the words of the domain: what the disk does not take now may come again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from functions.domain.errors import RetryableError
from local_runtime.client import Client, Entry, NotKeptError

T = TypeVar("T")


class NoRoomError(RetryableError):
    """Nothing of the change was kept."""

    code = "no-room"


@dataclass(frozen=True)
class LocalClient(Client):
    client: Client

    def read(self, database: str, query: Callable[[sqlite3.Connection], T]) -> T:
        return self.client.read(database, query)

    def write(self, database: str, change: Callable[[sqlite3.Connection], T]) -> T:
        with _kept():
            return self.client.write(database, change)

    def publish(self, destination: str, entries: Sequence[Entry]) -> None:
        with _kept():
            self.client.publish(destination, entries)

    def start(self, workflow: str, run_id: str, data: Mapping[str, object]) -> bool:
        with _kept():
            return self.client.start(workflow, run_id, data)

    def secret(self, name: str) -> str:
        return self.client.secret(name)

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        with _kept():
            self.client.put_object(bucket, key, body)


@contextmanager
def _kept() -> Iterator[None]:
    try:
        yield
    except NotKeptError as error:
        raise NoRoomError(str(error)) from error
