"""The customers' inbox in SQLite."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from local_runtime.client import Client


@dataclass(frozen=True)
class LocalCustomer:
    """A functions.ports.Customer; a message with a known key is not told twice."""

    client: Client
    database: str

    def tell(self, *, key: str, tenant: str, order_id: str, subject: str) -> None:
        def change(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO inbox (message_key, tenant, order_id, subject) VALUES (?,?,?,?) ON CONFLICT DO NOTHING",
                (key, tenant, order_id, subject),
            )

        self.client.write(self.database, change)
