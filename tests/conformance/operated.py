"""What the suite of the operator's ports runs in: a target's Operations, and a hand in what they are to show."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from components.saga.decider import Ended, Entry
from components.saga.json import to_document
from components.saga.order import ORDER_SAGA
from functions.ports import OrderRepository
from local_runtime import client, saga_journal
from local_runtime.declarations import Queue
from local_runtime.home import Home
from local_runtime.queues import Queues
from local_runtime.saga_journal import Run
from local_runtime.store import Store
from operations.local import open_operations
from operations.local.outside import OutsideFile
from operations.local.storage import Storage
from operations.ports import Operations
from tests.conformance.local_target import SCHEMA, open_local

QUEUES = ("fulfilment", "inventory")


class Operated(Protocol):
    """A system with the queues QUEUES, in which nothing has happened yet."""

    @property
    def operations(self) -> Operations: ...
    @property
    def orders(self) -> OrderRepository: ...

    def send(self, queue: str, message_id: str, body: bytes = b"", **attributes: str | int) -> None: ...

    def receive(self, queue: str) -> list[client.Message]:
        """What a consumer gets now, and leaves unsettled."""
        ...

    def kill(self, queue: str, message_id: str, reason: str, body: bytes = b"", **attributes: str | int) -> None:
        """Let a message be received once and die of `reason`."""
        ...

    def run(self, order_id: str, journal: Sequence[Entry], ended: Ended | None = None) -> None:
        """The order's saga, as far as the journal goes; `ended` None: it is under way."""
        ...

    def stick(self, order_id: str, why: str) -> None:
        """A saga that nobody works on any more."""
        ...

    def forget(self, order_id: str) -> None:
        """The journal of a saga that ended."""
        ...


@dataclass(frozen=True)
class LocalOperated:
    home: Home
    store: Store
    orders: OrderRepository
    operations: Operations

    def send(self, queue: str, message_id: str, body: bytes = b"", **attributes: str | int) -> None:
        entry = client.Entry(id=message_id, body=body, attributes=attributes)
        self.store.write(lambda connection: self._queues.put(connection, queue, entry))

    def receive(self, queue: str) -> list[client.Message]:
        return [delivery.message for delivery in self._queues.receive(queue, 100)]

    def kill(self, queue: str, message_id: str, reason: str, body: bytes = b"", **attributes: str | int) -> None:
        self.send(queue, message_id, body, **attributes)
        self._queues.settle(queue, self._queues.receive(queue, 1), retry={}, dead={message_id: reason})

    def run(self, order_id: str, journal: Sequence[Entry], ended: Ended | None = None) -> None:
        self._begin(order_id)
        run = self._unfinished(order_id)
        self.store.write(lambda connection: saga_journal.append(connection, run, 0, journal))
        if ended:
            self.store.write(lambda connection: saga_journal.end(connection, run, ended, 0))

    def stick(self, order_id: str, why: str) -> None:
        self._begin(order_id)
        run = self._unfinished(order_id)
        self.store.write(lambda connection: saga_journal.give_up(connection, run, why, 0))

    def forget(self, order_id: str) -> None:
        query = "SELECT sequence FROM saga_runs WHERE run_id = ?"
        (run,) = self.store.read(lambda connection: connection.execute(query, (order_id,)).fetchone())
        self.store.write(lambda connection: saga_journal.forget_journals(connection, [run]))

    def _begin(self, order_id: str) -> None:
        self.store.write(lambda connection: saga_journal.add_run(connection, "order", order_id, ORDER_SAGA, "{}", 0))

    def _unfinished(self, order_id: str) -> Run:
        runs = self.store.read(lambda connection: saga_journal.load_unfinished(connection, "order", 0, 100))
        return next(run for run in runs if isinstance(run, Run) and run.run_id == order_id)

    @property
    def _queues(self) -> Queues:
        return Queues(self.store, {name: Queue(name=name) for name in QUEUES})


@contextmanager
def operated_within(folder: Path) -> Iterator[LocalOperated]:
    """As the run time's console does it, on the run time's own store."""
    with _opened(folder, lambda store: store) as operated:
        yield operated


@contextmanager
def operated_beside(folder: Path) -> Iterator[LocalOperated]:
    """As the command does it, while the run time is up."""
    with _opened(folder, lambda _: OutsideFile(Home(folder).database)) as operated:
        yield operated


@contextmanager
def _opened(folder: Path, storage: Callable[[Store], Storage]) -> Iterator[LocalOperated]:
    with open_local(folder) as target:
        declare(target.home, "Database", {"name": "orders", "schema": SCHEMA})
        declare(target.home, "Queue", *({"name": name} for name in QUEUES))
        saga = {"saga": to_document(ORDER_SAGA), "tasks": dict.fromkeys(ORDER_SAGA.tasks(), "step")}
        declare(target.home, "Workflow", {"name": "order", **saga})
        declare(target.home, "Function", {"name": "step", "handler": "functions.entrypoints.local:order_tasks"})
        operations = open_operations(target.home, storage(target.store))
        yield LocalOperated(target.home, target.store, target.orders, operations)


def declare(home: Home, kind: str, *declarations: Mapping[str, object]) -> None:
    (home.declarations / kind).mkdir(parents=True)
    for declaration in declarations:
        (home.declarations / kind / f"{declaration['name']}.json").write_text(json.dumps(declaration))


OPERATED = {"local": operated_within, "local-beside": operated_beside}
"""A target joins by a line here."""
