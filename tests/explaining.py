"""How SQLite goes about each query that it is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class ExplainingConnection:
    """As much of a connection as is used; `plans` grows with each query, which is run as well."""

    connection: sqlite3.Connection
    plans: list[str]

    def execute(self, query: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        self.plans.extend(detail for *_, detail in self.connection.execute(f"EXPLAIN QUERY PLAN {query}", values))
        return self.connection.execute(query, values)
