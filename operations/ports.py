"""What an operator needs of a running system; every target is to implement it, and passes one conformance suite.

An operator stands above the tenants: orders of all of them are seen here, which the system's API never shows. Nothing
here changes an order; the one thing that is done is to send dead letters back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from components.saga.decider import Phase as Phase  # the same, to whoever looks at a saga
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus

MAX_AT_ONCE = 100
"""The most that one question is answered with, be it orders or dead letters."""


class Ending(StrEnum):
    """How one attempt at a step ended, as the saga counts it."""

    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    """It was done and said no; never tried again."""
    FAULTED = "faulted"
    """An error that may pass, or no answer in time; it may have happened."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt at a step of a saga; `ending` is None while it is under way.

    `code` is what the task answered: its result, or the code of its no; `message` says why it did not succeed.
    """

    step: str
    phase: Phase
    number: int
    began_at: datetime
    ended_at: datetime | None
    ending: Ending | None
    code: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True)
class SagaRun:
    """`status` is running, succeeded, rejected, failed, or stuck: nobody works on it any more, somebody has to look.

    `reason` is why it did not succeed or is stuck; attempts are in the order that they began in.
    """

    status: str
    attempts: tuple[Attempt, ...]
    uncompensated: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """`depth` counts the messages that wait or are being handled, `age_seconds` tells how long the oldest has."""

    queue: str
    depth: int
    age_seconds: float
    dead_letters: int


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that no consumer could handle; `reason` is what its last receive ended with."""

    queue: str
    id: str
    body: bytes
    receive_count: int
    died_at: datetime
    reason: str


class NoSuchQueueError(Exception):
    """Says which queues there are."""


class Orders(Protocol):
    def newest(self, limit: int, *, status: OrderStatus | None = None) -> Sequence[Order]:
        """Orders of every tenant, the last placed first; `limit` is 1 to MAX_AT_ONCE."""
        ...

    def find(self, order_id: str) -> Order | None: ...

    def timeline(self, order: Order) -> Sequence[Event]:
        """Every event of the order from version 1, without a gap."""
        ...


class SagaRuns(Protocol):
    def find(self, order_id: str) -> SagaRun | None:
        """The order's run as it stands; None before it was started, and once its journal was forgotten."""
        ...


class Queues(Protocol):
    def states(self) -> Sequence[QueueState]:
        """Of every queue, by name."""
        ...


class DeadLetters(Protocol):
    """Every method raises NoSuchQueueError for a queue that the system does not have."""

    def of(self, queue: str, limit: int) -> Sequence[DeadLetter]:
        """Those that died in the queue, first died first; they stay there."""
        ...

    def redrive(self, queue: str, *, message_id: str | None = None) -> int:
        """Send back the one message, or all that are dead now, each once and with its attributes; says how many.

        A message that is sent back is received as if it were new. 0 if there is none, or no longer.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Operations:
    """All of it for one system."""

    orders: Orders
    saga_runs: SagaRuns
    queues: Queues
    dead_letters: DeadLetters
