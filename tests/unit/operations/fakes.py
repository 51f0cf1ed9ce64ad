"""A system in memory that an operator looks at, as hostile as those who send things to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from components.stackfile import StackFile
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
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
from tests.unit.functions.orders import NOON, placed

HOSTILE = "\x1b[31mred\x1b]0;title\x07 [red]markup[/red] :boom:\r\n\t\x9b2J\u202eback\ud800 end"
"""Escapes for a terminal, markup for Rich, an emoji's code, ends of lines, a change of direction, half a pair."""
QUEUES = ("fulfilment", "inventory")
RUN = SagaRun(
    status="failed",
    attempts=(
        Attempt(
            step="reserve-inventory",
            phase=Phase.DO,
            number=2,
            began_at=NOON,
            ended_at=NOON + timedelta(milliseconds=1500),
            ending=Ending.FAULTED,
            code="fault",
            message=HOSTILE,
        ),
        Attempt(step="process-payment", phase=Phase.UNDO, number=1, began_at=NOON, ended_at=None, ending=None),
    ),
    uncompensated=("process-payment", "restock"),
    reason=HOSTILE,
)


def letter(name: str, *, queue: str = "fulfilment", body: bytes = b"{}", reason: str = HOSTILE) -> DeadLetter:
    return DeadLetter(queue=queue, id=name, body=body, receive_count=5, died_at=NOON, reason=reason)


@dataclass
class System:
    """All four ports at once."""

    found: list[Order] = field(default_factory=list)
    events: dict[str, Sequence[Event]] = field(default_factory=dict)
    run: SagaRun | None = None
    letters: list[DeadLetter] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)

    def place(self, reason: str | None = None) -> Order:
        order, events = placed()
        self.found.append(replace(order, reason=reason))
        self.events[order.order_id] = events
        return self.found[-1]

    def newest(self, limit: int, *, status: OrderStatus | None = None) -> Sequence[Order]:
        self.asked.append((limit, status))
        return self.found[:limit]

    def find(self, order_id: str) -> Order | None:
        return next((order for order in self.found if order.order_id == order_id), None)

    def timeline(self, order: Order) -> Sequence[Event]:
        return self.events[order.order_id]

    def states(self) -> Sequence[QueueState]:
        return [
            QueueState(queue=queue, depth=3, age_seconds=1.25, dead_letters=len(self._dead(queue))) for queue in QUEUES
        ]

    def of(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        return self._dead(queue)[:limit]

    def redrive(self, queue: str, *, message_id: str | None = None) -> int:
        self.asked.append((queue, message_id))
        sent = [each for each in self._dead(queue) if message_id in (None, each.id)]
        self.letters = [each for each in self.letters if each not in sent]
        return len(sent)

    def _dead(self, queue: str) -> list[DeadLetter]:
        if queue not in QUEUES:
            raise NoSuchQueueError(f"there is no queue {queue!r}; there are {', '.join(QUEUES)}")
        return [each for each in self.letters if each.queue == queue]

    @contextmanager
    def reached(self, stack: StackFile) -> Iterator[Operations]:
        self.asked.append(stack.name)
        yield Operations(orders=self, saga_runs=_Runs(self), queues=self, dead_letters=self)


@dataclass(frozen=True)
class _Runs:
    system: System

    def find(self, order_id: str) -> SagaRun | None:
        return self.system.run
