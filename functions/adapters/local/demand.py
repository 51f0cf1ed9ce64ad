"""The demand read model in SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from local_runtime.client import Client


@dataclass(frozen=True)
class LocalDemand:
    """A functions.ports.Demand."""

    client: Client
    database: str

    def record(self, event_id: str, units: Mapping[str, int]) -> None:
        def change(connection: sqlite3.Connection) -> None:
            new = connection.execute(
                "INSERT INTO demand_events (event_id) VALUES (?) ON CONFLICT DO NOTHING", (event_id,)
            )
            if new.rowcount:
                connection.executemany(
                    "INSERT INTO demand (sku, units) VALUES (?,?)"
                    " ON CONFLICT (sku) DO UPDATE SET units = units + excluded.units",
                    list(units.items()),
                )

        self.client.write(self.database, change)
