"""A system in memory, as the console's ports show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from console.ports import Alarm, Armed, Edge, Fault, FaultRefusedError, Flow, Kind, Loop, Node
from console.site import Site
from functions.domain.events import Event, EventType, Json
from functions.domain.order import Order, OrderStatus, replay
from operations.ports import (
    Attempt,
    DeadLetter,
    Ending,
    NoSuchQueueError,
    Operations,
    Phase,
    QueueState,
    SagaRun,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


def events(order_id: str, *types: EventType, sku: str = "TEAPOT") -> list[Event]:
    lines: list[Json] = [{"sku": sku, "quantity": 2, "unit_price_minor": 1750}]
    placed: dict[str, Json] = {"currency": "EUR", "lines": lines, "payment_method": "card", "total_minor": 3500}
    failed: dict[str, Json] = {"reason": HOSTILE}
    return [
        Event(
            order_id=order_id,
            tenant="acme",
            version=version,
            type=type_,
            occurred_at=NOON + timedelta(seconds=version),
            total_minor=3500,
            currency="EUR",
            details=placed if version == 1 else failed if type_ is EventType.FAILED else {},
        )
        for version, type_ in enumerate((EventType.PLACED, *types), 1)
    ]


def attempt(step: str, number: int = 1, *, at: float = 0, seconds: float | None = 0.5, **changed: object) -> Attempt:
    began = NOON + timedelta(seconds=at)
    known: dict[str, object] = {
        "phase": Phase.DO,
        "ending": None if seconds is None else Ending.SUCCEEDED,
        "ended_at": None if seconds is None else began + timedelta(seconds=seconds),
    }
    return Attempt(step=step, number=number, began_at=began, **{**known, **changed})  # type: ignore[arg-type]


def letter(letter_id: str, *, queue: str = "fulfilment", body: bytes = b"{}", reason: str = "why") -> DeadLetter:
    return DeadLetter(queue=queue, id=letter_id, body=body, receive_count=5, died_at=NOON, reason=reason)


FLOW = Flow(
    nodes=(
        Node(id="function/api", kind=Kind.API, name="api"),
        Node(id="database/orders", kind=Kind.DATABASE, name="orders"),
        Node(id="queue/fulfilment", kind=Kind.QUEUE, name="fulfilment"),
        Node(id="queue/ops", kind=Kind.QUEUE, name="ops"),
        Node(id="function/fulfil", kind=Kind.FUNCTION, name="fulfil"),
    ),
    edges=(
        Edge(source="function/api", target="database/orders", label="writes"),
        Edge(source="database/orders", target="queue/fulfilment", label="order.placed"),
        Edge(source="queue/fulfilment", target="function/fulfil", label="messages"),
        Edge(source="function/fulfil", target="database/orders", label="writes"),
    ),
)


@dataclass
class MemorySystem:
    """Answers every port itself; what a test puts in is what the pages show."""

    told: dict[str, list[Event]] = field(default_factory=dict)
    runs: dict[str, SagaRun] = field(default_factory=dict)
    letters: dict[str, list[DeadLetter]] = field(default_factory=lambda: {"fulfilment": [], "ops": []})
    depth: int = 0
    flow: Flow = field(default_factory=lambda: FLOW)
    raised: list[Alarm] = field(default_factory=list)
    kept: list[Loop] = field(default_factory=list)
    broken: dict[str, Armed] = field(default_factory=dict)
    changed: int = 0
    asked_for_states: int = 0
    redriven: list[tuple[str, str | None]] = field(default_factory=list)

    def site(self, *, with_faults: bool = True) -> Site:
        return Site(
            name="in memory",
            prefix="/console",
            operations=Operations(
                orders=MemoryOrders(self), saga_runs=MemoryRuns(self), queues=self, dead_letters=MemoryLetters(self)
            ),
            flow=self.flow,
            health=self,
            changes=self,
            faults=self if with_faults else None,
        )

    def states(self) -> Sequence[QueueState]:
        self.asked_for_states += 1
        return [
            QueueState(queue=name, depth=self.depth, age_seconds=90, dead_letters=len(letters))
            for name, letters in self.letters.items()
        ]

    def alarms(self) -> Sequence[Alarm]:
        return self.raised

    def loops(self) -> Sequence[Loop]:
        return self.kept

    def mark(self) -> object:
        return self.changed

    def tasks(self) -> Sequence[str]:
        return ["reserve", "pay"]

    def armed(self) -> Sequence[Armed]:
        return list(self.broken.values())

    def arm(self, task: str, fault: Fault, orders: int) -> None:
        if task not in self.tasks():
            raise FaultRefusedError(f"there is no task {task!r}; there are reserve, pay")
        self.broken[task] = Armed(task=task, fault=fault, orders_left=orders)

    def disarm(self, task: str) -> None:
        if self.broken.pop(task, None) is None:
            raise FaultRefusedError(f"there is no task {task!r}; there are reserve, pay")


@dataclass
class MemoryOrders:
    system: MemorySystem

    def newest(self, limit: int, *, status: OrderStatus | None = None) -> Sequence[Order]:
        orders = [replay(told) for told in reversed(self.system.told.values())]
        return [order for order in orders if status in (None, order.status)][:limit]

    def find(self, order_id: str) -> Order | None:
        told = self.system.told.get(order_id)
        return replay(told) if told else None

    def timeline(self, order: Order) -> Sequence[Event]:
        return self.system.told[order.order_id]


@dataclass
class MemoryRuns:
    system: MemorySystem

    def find(self, order_id: str) -> SagaRun | None:
        return self.system.runs.get(order_id)


@dataclass
class MemoryLetters:
    system: MemorySystem

    def of(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        return self._in(queue)[:limit]

    def redrive(self, queue: str, *, message_id: str | None = None) -> int:
        sent = [each for each in self._in(queue) if message_id in (None, each.id)]
        self.system.letters[queue] = [each for each in self._in(queue) if each not in sent]
        self.system.redriven.append((queue, message_id))
        return len(sent)

    def _in(self, queue: str) -> list[DeadLetter]:
        if queue not in self.system.letters:
            raise NoSuchQueueError(f"there is no queue {queue}; there are fulfilment, ops")
        return self.system.letters[queue]
