"""The local target's adapters on the run time's own store, behind a client that is granted what they need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from functions.adapters.local.ports import LocalPorts
from functions.codec import decode_event
from functions.domain.events import Json
from functions.environment import Environment, Variable
from local_runtime import store as stores
from local_runtime.client import Entry
from local_runtime.declarations import Function, Grant
from local_runtime.home import Home
from local_runtime.permissions import GrantedClient
from local_runtime.store import Store
from tests.conformance.worlds import HIGH_VALUE_MINOR, INITIAL_UNITS, Published

SCHEMA = "functions.adapters.local/schema.sql"
VARIABLES: Mapping[str, str] = {
    Variable.DATABASE: "orders",
    Variable.EVENT_BUS: "orders",
    Variable.WORKFLOW: "order",
    Variable.BUCKET: "event-archive",
    Variable.SANDBOX_STOCK: str(INITIAL_UNITS),
    Variable.HIGH_VALUE_MINOR: str(HIGH_VALUE_MINOR),
}
GRANTS = (
    Grant(verb="read", resource="database/orders"),
    Grant(verb="write", resource="database/orders"),
    Grant(verb="publish", resource="bus/orders"),
    Grant(verb="start", resource="workflow/order"),
    Grant(verb="write", resource="bucket/event-archive"),
    Grant(verb="read", resource="secret/api-key"),
)


@dataclass
class RecordingBus:
    entries: list[Entry] = field(default_factory=list)

    def publish(self, destination: str, entries: Sequence[Entry]) -> None:
        assert destination == "bus/orders"
        self.entries.extend(entries)


@dataclass
class RecordingWorkflow:
    runs: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def start(self, run_id: str, data: Mapping[str, object]) -> bool:
        is_new = run_id not in self.runs
        self.runs.setdefault(run_id, data)
        return is_new


@dataclass(frozen=True)
class LocalTarget(LocalPorts):
    """The ports that a function gets, and the files that they end up in."""

    home: Home
    store: Store
    bus: RecordingBus
    executor: RecordingWorkflow
    secrets_are_mounted = False

    def feed(self) -> list[str]:
        return [decode_event(body).id for (body,) in self.rows("SELECT body FROM change_feed ORDER BY position")]

    def left(self, sku: str) -> int:
        rows = self.rows("SELECT on_hand - reserved FROM stock WHERE sku = ?", sku)
        return int(rows[0][0]) if rows else INITIAL_UNITS

    def inbox(self) -> list[tuple[str, str, str]]:
        return self.rows("SELECT tenant, order_id, subject FROM inbox ORDER BY message_key")

    def ordered(self) -> dict[str, int]:
        return dict(self.rows("SELECT sku, units FROM demand"))

    def runs(self) -> list[tuple[str, Mapping[str, Json]]]:
        return list(self.executor.runs.items())

    def published(self) -> list[Published]:
        return [Published(id=each.id, body=each.body, attributes=each.attributes) for each in self.bus.entries]

    def high_values(self) -> list[str]:
        """Rules here compare no numbers: the event carries its tier."""
        return [each.id for each in self.bus.entries if each.attributes["tier"] == "high"]

    def put_secret(self, name: str, value: str) -> None:
        self.home.secrets.mkdir(exist_ok=True)
        (self.home.secrets / name).write_text(value)

    def archived(self) -> dict[str, bytes]:
        folder = self.home.buckets / "event-archive"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.json")}

    def rows(self, query: str, *values: object) -> list[Any]:
        return self.store.read(lambda connection: connection.execute(query, values).fetchall())


@contextmanager
def open_local(folder: Path) -> Iterator[LocalTarget]:
    with open_store(folder) as (home, store):
        bus, executor = RecordingBus(), RecordingWorkflow()
        client = GrantedClient(
            Function(name="everything", handler="functions.entrypoints.local:api", grants=list(GRANTS)),
            store=store,
            publisher=bus,
            workflows={"order": executor},
            home=home,
        )
        yield LocalTarget(Environment(VARIABLES), client, home, store, bus, executor)


@contextmanager
def open_store(folder: Path) -> Iterator[tuple[Home, Store]]:
    home = Home(folder)
    stores.create(home.database, (SCHEMA,))
    store = Store(home.database)
    try:
        yield home, store
    finally:
        store.close()
