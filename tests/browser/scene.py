"""A system in memory with something to see on every page: moments and ids are fixed, names are what a run time has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event as Signal

import msgspec

from console.application import application
from console.local_flow import flow
from console.ports import Alarm, Armed, Fault, Flow, Loop
from functions.domain.events import Event, EventType
from local_runtime import store as stores
from local_runtime.declarations import KINDS
from local_runtime.declared import Declared
from local_runtime.home import Home
from local_runtime.listener import Listener, bind
from local_runtime.store import Store
from local_runtime.system import System
from operations.ports import DeadLetter, Ending, Phase, QueueState, SagaRun
from tests.graph import build, config
from tests.unit.console.memory import MemorySystem, attempt, events, letter

UNDONE = "ord_01KN9V7Q2M5D8XT3HBC6ERW4YA"
DECLINED = (EventType.RESERVED, EventType.PAYMENT_STARTED, EventType.UNDOING_STARTED, EventType.RELEASED)
FULFILLED = (
    EventType.RESERVED,
    EventType.PAYMENT_STARTED,
    EventType.PAID,
    EventType.STOCK_COMMITTED,
    EventType.WAREHOUSE_NOTIFIED,
    EventType.FULFILLED,
)
ORDERS: Sequence[tuple[str, Sequence[EventType]]] = (
    ("ord_01KN9V6Z8RA0FJ4W7TQ2XKD5MC", FULFILLED),
    ("ord_01KN9V74E1CYB9N3GS8HPV6RZD", (EventType.REJECTED,)),
    ("ord_01KN9V7A5T7WQ2DM0KXE4JF9HB", FULFILLED),
    ("ord_01KN9V7FJ0Z6RNV8C3YTA1PGWE", FULFILLED),
    (UNDONE, (*DECLINED, EventType.FAILED)),
    ("ord_01KN9V7V9HEX4B6S1MRF8DQ2TN", FULFILLED),
    ("ord_01KN9V80CW3PKG5ZJ7NYA9T0XE", FULFILLED[:3]),
    ("ord_01KN9V84DM8FQR1V2HTB6CXS0W", (EventType.RESERVED,)),
    ("ord_01KN9V88F5YJ7EN3KWGD4PZAMQ", ()),
)
RUN = SagaRun(
    status="failed",
    reason="process-payment: the payment gateway did not answer in time",
    attempts=(
        attempt("validate-order", at=0, seconds=0.031),
        attempt("reserve-inventory", at=0.05, seconds=0.18),
        attempt("process-payment", at=0.26, seconds=0.9, ending=Ending.FAULTED, message="the gateway answered 503"),
        attempt("process-payment", 2, at=1.9, seconds=1.1, ending=Ending.FAULTED, message="the gateway answered 503"),
        attempt("process-payment", 3, at=4.3, seconds=1.5, ending=Ending.FAULTED, message="no answer in time"),
        attempt("process-payment", at=5.9, seconds=0.4, phase=Phase.UNDO),
        attempt("reserve-inventory", at=6.4, seconds=0.22, phase=Phase.UNDO),
        attempt("fail-order", at=6.7, seconds=0.04, phase=Phase.END),
    ),
    uncompensated=(),
)
BODY = (
    b'{"id":"ord_01KN9V7FJ0Z6RNV8C3YTA1PGWE:1","type":"order.placed","tenant":"acme","total_minor":3500,'
    b'"currency":"EUR","details":{"payment_method":"card"}}'
)
LETTERS: Sequence[DeadLetter] = (
    letter(
        "ord_01KN9V7FJ0Z6RNV8C3YTA1PGWE:1", body=BODY, reason="it was not acknowledged within the visibility timeout"
    ),
    replace(
        letter("import-2026-03-01-0017", body=b"order;17;EUR"),
        receive_count=1,
        reason="malformed: this is no event of ours: JSON is malformed: invalid character (byte 0)",
    ),
)
DEPTHS = {"analytics": 12, "fulfilment": 3, "inventory": 0, "notifications": 1, "ops-notification": 0}


@dataclass
class Scene(MemorySystem):
    """Its queues, its loops and the tasks of its saga are those of the deployed flow."""

    flow: Flow = field(default_factory=lambda: flow(_declared()))
    named: Sequence[str] = ()

    def tasks(self) -> Sequence[str]:
        return self.named

    def states(self) -> Sequence[QueueState]:
        return [
            QueueState(queue=name, depth=depth, age_seconds=1.4, dead_letters=len(self.letters.get(name, ())))
            for name, depth in DEPTHS.items()
        ]


def scene() -> Scene:
    tasks, loops = _names()
    return Scene(
        named=tasks,
        told={order_id: _events(order_id, types, minute) for minute, (order_id, types) in enumerate(ORDERS)},
        runs={UNDONE: RUN},
        letters={**{name: [] for name in DEPTHS}, "fulfilment": list(LETTERS)},
        raised=[Alarm(name="fulfilment-dead-letters", value=2)],
        kept=[Loop(name=name, is_running=True, restarts=0, last_error=None) for name in loops],
        broken={"process-payment": Armed(task="process-payment", fault=Fault.STALL, orders_left=3)},
    )


def _names() -> tuple[Sequence[str], Sequence[str]]:
    """The tasks that can be broken and the loops, as a run time names them before it has begun."""
    with TemporaryDirectory() as folder:
        home = Home(Path(folder))
        stores.create(home.database, ())
        store = Store(home.database)
        try:
            system = System(home, _declared(), store)
            return system.faults.tasks(), sorted(system.loops())
        finally:
            store.close()


def _events(order_id: str, types: Sequence[EventType], minute: int) -> list[Event]:
    later = timedelta(minutes=minute)
    told = [replace(each, occurred_at=each.occurred_at + later) for each in events(order_id, *types)]
    return [
        replace(each, details={"reason": "the payment gateway did not answer in time"})
        if "reason" in each.details
        else each
        for each in told
    ]


def _declared() -> Declared:
    declared, graph = Declared(), build(config())
    for name, kind in KINDS.items():
        for resource in graph.of(name).values():
            declared.add(
                msgspec.convert({field: value for field, value in resource.inputs.items() if field != "home"}, kind)
            )
    return declared


@contextmanager
def served() -> Iterator[str]:
    """The address of its console."""
    stop = Signal()
    listener = Listener(application(replace(scene().site(), name="local system"), stop), bind(0))
    listener.start()
    try:
        yield f"{listener.url}/console"
    finally:
        stop.set()
        listener.stop()
