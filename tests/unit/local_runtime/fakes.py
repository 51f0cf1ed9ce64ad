"""Functions that tests write in place, run by the real pool, and a way to wait for what threads do."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NamedTuple, TypeVar, cast

from local_runtime.client import Client, Entry
from local_runtime.declarations import Function
from local_runtime.errors import StoreError
from local_runtime.functions import Functions
from local_runtime.store import Change, Store

T = TypeVar("T")
Handler = Callable[[Any, Any], object]
MODULE = "handlers_of_this_test"


def functions(
    handlers: Mapping[str, Handler], *, timeout_seconds: float = 30, client: Callable[[Function], Client] | None = None
) -> Functions:
    """Real Functions over handlers that the test wrote; the names are those of the functions."""
    module = ModuleType(MODULE)
    sys.modules[MODULE] = module
    for name, handler in handlers.items():
        setattr(module, name.replace("-", "_"), handler)
    declared = {
        name: Function(name=name, handler=f"{MODULE}:{name.replace('-', '_')}", timeout_seconds=timeout_seconds)
        for name in handlers
    }
    made = Functions(declared, client or (lambda _: cast(Client, None)), background=40, api=4)
    made.load()
    return made


def eventually(condition: Callable[[], bool], what: str, seconds: float = 10) -> None:
    """Wait for what another thread is about to do."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.002)


def entry(id_: str, **attributes: str | int) -> Entry:
    return Entry(id=id_, body=id_.encode(), attributes=attributes)


class Died(NamedTuple):
    """A dead letter as the store has it."""

    id: str
    receive_count: int
    reason: str


def died(store: Store, queue: str = "work") -> list[Died]:
    query = "SELECT id, receive_count, reason FROM dead_letters WHERE queue = ? ORDER BY sequence"
    return [Died(*row) for row in store.read(lambda connection: connection.execute(query, (queue,)).fetchall())]


class Published:
    """A publisher that remembers."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[Entry]]] = []

    def publish(self, destination: str, entries: Sequence[Entry]) -> None:
        self.calls.append((destination, list(entries)))


class MortalStore(Store):
    """A store of a process that can die: from then on nothing it does reaches the disk."""

    def __init__(self, store: Store) -> None:
        self._living = store
        self.is_dead = False

    def write(self, change: Change[T]) -> T:
        if self.is_dead:
            raise StoreError("dead")
        return self._living.write(change)

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        return self._living.read(query)
