"""What the pages need of a system beside `operations.ports`; a target that cannot do something leaves its port out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What a node of the event flow is."""

    API = "api"
    FUNCTION = "function"
    DATABASE = "database"
    BUS = "event bus"
    TOPIC = "topic"
    QUEUE = "queue"
    WORKFLOW = "saga"
    SCHEDULE = "schedule"
    BUCKET = "bucket"


@dataclass(frozen=True, kw_only=True)
class Node:
    """`id` is unique in the flow, `name` what it was deployed as."""

    id: str
    kind: Kind
    name: str


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Something goes from one node to another; `label` says what, or which of it."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The deployed graph; both ends of every edge are among the nodes."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One that is raised, and the value it was raised for."""

    name: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Loop:
    """Work that never ends; `last_error` is what it was last started again after."""

    name: str
    is_running: bool
    restarts: int
    last_error: str | None


class UnwritableError(Exception):
    """Nothing of what was asked was done, for the system could not keep it; says why."""


class Health(Protocol):
    def alarms(self) -> Sequence[Alarm]: ...

    def loops(self) -> Sequence[Loop]:
        """Every loop by name; nothing where the target keeps none of its own."""
        ...


class Changes(Protocol):
    def mark(self) -> object:
        """Equal to the one before as long as certainly nothing has changed; cheap, for it is asked twice a second."""
        ...


class Fault(StrEnum):
    FAIL = "fail"
    STALL = "stall"
    LOSE_ANSWER = "lose-answer"


@dataclass(frozen=True, kw_only=True)
class Armed:
    task: str
    fault: Fault
    orders_left: int


class FaultRefusedError(Exception):
    """Nothing was armed or disarmed; says what is allowed."""


class FaultSwitch(Protocol):
    """Breaks tasks of the saga on purpose; only a system that serves nobody has one.

    Whatever changes something may raise UnwritableError, too, and so may the console's `operations`.
    """

    def tasks(self) -> Sequence[str]: ...

    def armed(self) -> Sequence[Armed]: ...

    def arm(self, task: str, fault: Fault, orders: int) -> None:
        """Break the task for the next orders that need it; raises FaultRefusedError."""
        ...

    def disarm(self, task: str) -> None:
        """Raises FaultRefusedError."""
        ...
