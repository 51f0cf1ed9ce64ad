"""Fills a system with fulfilled orders: some are placed and fulfilled by the run time, and then multiplied.

A copy has all that its order left behind (the order, its events, keys, reservation, payments, messages, saga and its
journal) under an id of its own, so that tables and indexes are as they would be. Not copied are the files of the event
archive, which nothing reads.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.local.process import BenchmarkError
from local_runtime.feed import KEPT_POSITIONS
from local_runtime.home import Home

NUMBERED = 5
"""Characters at an id's end that give way to a copy's number."""


def multiply(home: Home, orders: int) -> None:
    """Make `orders`, a multiple of those that are there; once for each system, while it is not running."""
    with closing(sqlite3.connect(home.database, isolation_level=None)) as connection:
        there = [order_id for (order_id,) in connection.execute("SELECT order_id FROM orders")]
        _require_fulfilled(connection)
        if orders % len(there):
            raise BenchmarkError(f"{orders} are no multiple of the {len(there)} orders that are there")
        _name_copies(connection, there, more=orders // len(there) - 1)
        connection.executescript(Path(__file__).with_name("multiply.sql").read_text(encoding="utf-8"))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _require_fulfilled(connection: sqlite3.Connection) -> None:
    (others,) = connection.execute("SELECT count(*) FROM orders WHERE status <> 'FULFILLED'").fetchone()
    (messages,) = connection.execute("SELECT count(*) FROM messages").fetchone()
    if others or messages:
        raise BenchmarkError(f"{others} orders and {messages} messages are still under way: nothing to copy yet")


def _name_copies(connection: sqlite3.Connection, there: list[str], more: int) -> None:
    connection.execute("CREATE TEMP TABLE multiplied AS SELECT ? AS more, ? AS kept", (more, KEPT_POSITIONS))
    connection.execute("CREATE TEMP TABLE copies (old TEXT, new TEXT)")
    names = [(old, f"{old[:-NUMBERED]}{number:0{NUMBERED}}") for old in there for number in range(more)]
    connection.executemany("INSERT INTO copies VALUES (?, ?)", names)
    connection.execute("CREATE INDEX temp.copies_by_old ON copies (old)")
