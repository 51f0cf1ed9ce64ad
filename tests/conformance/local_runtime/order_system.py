"""The real order system under the real run time, and what its consumers have made of the events."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.rest import in_hand
from local_runtime.home import Home
from local_runtime.issuer import mint
from tests.conformance.local_runtime.running import ROOT, Shop, eventually
from tests.e2e.api import Api
from tests.local_system import UNTHROTTLED, declare

EFFECTS = {
    "fulfilment": "SELECT run_id, status, count(*) FROM saga_runs JOIN saga_journal ON run = sequence GROUP BY run_id",
    "inventory": "SELECT * FROM demand ORDER BY sku",
    "notifications": "SELECT * FROM inbox ORDER BY message_key",
    "orders": "SELECT order_id, body FROM orders ORDER BY order_id",
    "events": "SELECT order_id, version, body FROM events ORDER BY order_id, version",
    "stock": "SELECT * FROM stock ORDER BY sku",
    "charges": "SELECT * FROM ledger ORDER BY entry_key",
    "dead": "SELECT queue, id, reason FROM dead_letters",
}
"""What can be seen of what each consumer did; the archive is a folder."""


@dataclass
class OrderSystem(Shop):
    """A Shop whose declarations are the system's own."""

    @classmethod
    def declare(cls, folder: Path) -> OrderSystem:
        declare(folder / "home", api=UNTHROTTLED)
        (folder / "notes").mkdir()
        return cls(folder / "home", folder / "notes")

    def api(self, url: str) -> Api:
        token = mint(self.home.issuer, tenant="ours", scope="orders:read orders:write", minutes=60)
        return Api(url, token, None, "")

    def rows(self, query: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.home.database)) as connection:
            return connection.execute(query, values).fetchall()

    def change(self, *statements: str) -> None:
        """From another process's connection, as the store allows."""
        with closing(sqlite3.connect(self.home.database, timeout=30)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    def effects(self) -> dict[str, object]:
        archive = {path.name: path.read_bytes() for path in self.home.buckets.rglob("*.json")}
        return {**{name: self.rows(query) for name, query in EFFECTS.items()}, "archive": archive}

    def sent(self) -> int:
        """How many messages there have been in all queues together."""
        return int(self.rows("SELECT seq FROM sqlite_sequence WHERE name = 'messages'")[0][0])

    def await_calm(self) -> None:
        """Until the feed was read to its end, no message waits and no saga runs."""
        eventually(lambda: not in_hand(self.home.database), "all events are consumed", seconds=60)


def operate(home: Home, *arguments: str) -> tuple[int, str]:
    """Exit code and what was printed by an operator's command, in a process of its own."""
    command: Sequence[str] = [sys.executable, "-m", "operations", "--home", str(home.root), *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr
