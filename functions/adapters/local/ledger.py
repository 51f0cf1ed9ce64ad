"""What sandbox partners remember, in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from functions import structs
from functions.domain.events import Json
from local_runtime.client import Client


@dataclass(frozen=True)
class LocalLedger:
    """A functions.ports.Ledger."""

    client: Client
    database: str

    def record_once(self, key: str, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        def change(connection: sqlite3.Connection) -> Mapping[str, Json]:
            connection.execute(
                "INSERT INTO ledger (entry_key, entry) VALUES (?,?) ON CONFLICT DO NOTHING",
                (key, msgspec.json.encode(entry)),
            )
            return _entries(connection, key)[0]

        return self.client.write(self.database, change)

    def find(self, key: str) -> Mapping[str, Json] | None:
        found = self.client.read(self.database, lambda connection: _entries(connection, key))
        return found[0] if found else None

    def count(self, key: str) -> int:
        def change(connection: sqlite3.Connection) -> int:
            (calls,) = connection.execute(
                "INSERT INTO ledger_counters (counter_key, calls) VALUES (?, 1)"
                " ON CONFLICT (counter_key) DO UPDATE SET calls = calls + 1 RETURNING calls",
                (key,),
            ).fetchone()
            return int(calls)

        return self.client.write(self.database, change)


def _entries(connection: sqlite3.Connection, key: str) -> list[dict[str, Json]]:
    """One or none."""
    rows = connection.execute("SELECT entry FROM ledger WHERE entry_key = ?", (key,))
    return [structs.decode(entry, dict[str, Any]) for (entry,) in rows]
