"""The log stays short under constant reading, and nobody waits long for one who reads for long."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local_runtime import write_ahead_log
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import eventually

LARGEST = 1024 * 1024
ONE_CHANGE = 100_000


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_ahead_log.WriteAheadLog.__init__, "__kwdefaults__", {"largest_bytes": LARGEST})


def add(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO change_feed (body) VALUES (zeroblob(?))", (ONE_CHANGE,))


def look(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute("SELECT count(*) FROM change_feed").fetchone()
    time.sleep(seconds)


@contextmanager
def reading_without_a_gap(store: Store) -> Iterator[None]:
    """Two who read in turn: each begins while the other has not ended, as under load."""
    stop = threading.Event()

    def read_on() -> None:
        while not stop.is_set():
            store.read(lambda connection: look(connection, 0.01))

    readers = [threading.Thread(target=read_on) for _ in range(4)]
    for reader in readers:
        reader.start()
        time.sleep(0.003)
    try:
        yield
    finally:
        stop.set()
        for reader in readers:
            reader.join()


def log_bytes(database: Path) -> int:
    return database.with_name(f"{database.name}-wal").stat().st_size


def test_the_log_begins_anew_while_there_is_always_somebody_who_reads(store: Store, database: Path) -> None:
    def is_short() -> bool:
        store.write(add)
        return log_bytes(database) < LARGEST

    with reading_without_a_gap(store):
        for _ in range(2 * LARGEST // ONE_CHANGE):
            store.write(add)
        eventually(is_short, "the log begins anew")


def test_one_who_reads_for_long_holds_no_write_up_for_more_than_a_moment(
    store: Store, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "AGAIN_SECONDS", 0.5)
    reader = threading.Thread(target=lambda: store.read(lambda connection: look(connection, 3)))
    store.write(add)
    reader.start()
    time.sleep(0.1)
    began = time.monotonic()
    for _ in range(20):
        store.write(add)
    assert time.monotonic() - began < 2.5
    assert log_bytes(database) > LARGEST
    reader.join()
    time.sleep(write_ahead_log.AGAIN_SECONDS)
    store.write(add)
    eventually(lambda: log_bytes(database) < LARGEST, "the log is short")
