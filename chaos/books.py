"""Everything that a system has written down, read with SQLite and JSON alone: none of its own code vouches for it."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ENDS = frozenset({"FULFILLED", "REJECTED", "FAILED", "CANCELLED", "EXPIRED"})


@dataclass(frozen=True, kw_only=True)
class Stock:
    on_hand: int
    reserved: int
    sold: int


@dataclass(frozen=True, kw_only=True)
class Run:
    """A saga's."""

    status: str
    uncompensated: str


@dataclass(frozen=True, kw_only=True)
class Books:
    """Of a system that is at rest. Events, orders and entries of the ledger are JSON documents."""

    orders: Mapping[str, Mapping[str, Any]]
    order_rows: Mapping[str, tuple[str, int]]
    """Status and version, as queries see them."""
    events: Mapping[str, list[Mapping[str, Any]]]
    event_bodies: Mapping[str, bytes]
    """By order and version, as in `ord_1-2`."""
    keys: Mapping[tuple[str, str], str]
    stock: Mapping[str, Stock]
    reservations: Mapping[str, str]
    ledger: Mapping[str, Mapping[str, Any]]
    demand: Mapping[str, int]
    demand_events: frozenset[str]
    inbox: Mapping[str, tuple[str, str]]
    """Order and subject of each message, by its key."""
    runs: Mapping[str, Run]
    messages: list[str]
    dead_letters: list[str]
    undelivered: int
    """Events that the relay has not handed on."""
    archive: Mapping[str, list[bytes]]
    unsound: list[str]
    """What SQLite itself finds wrong with the file."""


def read(database: Path, archive: Path) -> Books:
    """`archive` is the folder of the bucket that events are kept in."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        return _read(lambda query: connection.execute(query).fetchall(), archive)


def _read(ask: Callable[[str], list[Any]], archive: Path) -> Books:
    bodies = ask("SELECT order_id, version, body FROM events ORDER BY order_id, version")
    events = defaultdict[str, list[Mapping[str, Any]]](list)
    for order_id, version, body in bodies:
        events[order_id].append({**json.loads(body), "row_version": version})
    return Books(
        orders={order_id: json.loads(body) for order_id, body in ask("SELECT order_id, body FROM orders")},
        order_rows={row[0]: (row[1], row[2]) for row in ask("SELECT order_id, status, version FROM orders")},
        events=events,
        event_bodies={f"{order_id}-{version}": body for order_id, version, body in bodies},
        keys={
            (row[0], row[1]): row[2] for row in ask("SELECT tenant, idempotency_key, order_id FROM idempotency_keys")
        },
        stock={
            sku: Stock(on_hand=on_hand, reserved=reserved, sold=sold)
            for sku, on_hand, reserved, sold in ask("SELECT sku, on_hand, reserved, sold FROM stock")
        },
        reservations=dict(ask("SELECT order_id, state FROM reservations")),
        ledger={key: json.loads(entry) for key, entry in ask("SELECT entry_key, entry FROM ledger")},
        demand=dict(ask("SELECT sku, units FROM demand")),
        demand_events=frozenset(row[0] for row in ask("SELECT event_id FROM demand_events")),
        inbox={row[0]: (row[1], row[2]) for row in ask("SELECT message_key, order_id, subject FROM inbox")},
        runs={
            run_id: Run(status=status, uncompensated=uncompensated)
            for run_id, status, uncompensated in ask("SELECT run_id, status, uncompensated FROM saga_runs")
        },
        messages=[f"{queue}: {message_id}" for queue, message_id in ask("SELECT queue, id FROM messages")],
        dead_letters=[f"{row[0]}: {row[1]} ({row[2]})" for row in ask("SELECT queue, id, reason FROM dead_letters")],
        undelivered=_undelivered(ask),
        archive=_archived(archive),
        unsound=[str(row[0]) for row in ask("PRAGMA integrity_check") if row[0] != "ok"]
        + [f"a row of {row[0]} points to nothing in {row[2]}" for row in ask("PRAGMA foreign_key_check")],
    )


def _undelivered(ask: Callable[[str], list[Any]]) -> int:
    ((number,),) = ask(
        "SELECT count(*) FROM change_feed WHERE position > (SELECT coalesce(min(position), 0) FROM feed_cursors)"
    )
    return int(number)


def _archived(folder: Path) -> Mapping[str, list[bytes]]:
    found = defaultdict[str, list[bytes]](list)
    for path in folder.rglob("*.json"):
        found[path.stem].append(path.read_bytes())
    return found
