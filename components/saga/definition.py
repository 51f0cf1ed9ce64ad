"""The form a saga is written in. What cannot be said here is refused, because some target could not do the same.

A saga is a sequence of steps and parallels. Each step calls a task, has a timeout and counts its attempts in *total*,
the first one included (Step Functions and Workflows count retries, Durable Functions counts attempts: the compilers
convert). A branch of a parallel is a sequence of steps; all branches end before the saga decides what is next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
TIMEOUT_SECONDS = (1, 300)


class SagaError(ValueError):
    """The saga says something that not every target can do, or contradicts itself."""


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SagaError(f"{what} is {value:g}; allowed is {low:g} to {high:g}")


@dataclass(frozen=True, kw_only=True)
class Retry:
    """`attempts` in total; the n-th wait lasts interval * factor**(n-1) seconds, at most `cap_seconds`."""

    attempts: int = 3
    interval_seconds: float = 2.0
    factor: float = 2.0
    cap_seconds: float = 60.0

    def __post_init__(self) -> None:
        if self.attempts != int(self.attempts):
            raise SagaError(f"attempts is {self.attempts:g}; it has to be a whole number")
        _within("attempts", self.attempts, 1, 20)
        _within("interval_seconds", self.interval_seconds, 0, 600)
        _within("factor", self.factor, 1, 10)
        _within("cap_seconds", self.cap_seconds, 0, 3600)

    def wait_seconds(self, failed_attempts: int) -> float:
        return min(self.interval_seconds * self.factor ** (failed_attempts - 1), self.cap_seconds)


ONCE = Retry(attempts=1)
PERSISTENT = Retry(attempts=10, interval_seconds=2, factor=2, cap_seconds=60)
RESERVED_NAME = "end"
"""What journals and idempotency keys call the task that records the end of a saga; no step may have this name."""


@dataclass(frozen=True, kw_only=True)
class Compensation:
    """The task that undoes a step; it must be harmless when the step did nothing, and is retried."""

    task: str
    timeout_seconds: float = 30.0
    retry: Retry = PERSISTENT

    def __post_init__(self) -> None:
        _within("timeout_seconds", self.timeout_seconds, *TIMEOUT_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One task. `rejects`: its business error ends the saga as REJECTED instead of FAILED."""

    name: str
    task: str
    timeout_seconds: float = 30.0
    retry: Retry = ONCE
    compensation: Compensation | None = None
    rejects: bool = False

    def __post_init__(self) -> None:
        _within("timeout_seconds", self.timeout_seconds, *TIMEOUT_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Parallel:
    name: str
    branches: tuple[tuple[Step, ...], ...]

    def __post_init__(self) -> None:
        _within(f"branches of {self.name}", len(self.branches), 2, 10)
        if not all(self.branches):
            raise SagaError(f"parallel {self.name} has a branch without a step")


Node: TypeAlias = Step | Parallel


@dataclass(frozen=True, kw_only=True)
class Saga:
    """`on_rejected` and `on_failed` are the tasks that record the end once every compensation has run."""

    name: str
    nodes: tuple[Node, ...]
    on_rejected: str
    on_failed: str

    def __post_init__(self) -> None:
        names = [step.name for step in self.steps()] + [node.name for node in self.nodes if isinstance(node, Parallel)]
        illegal = next((name for name in names if not NAME.fullmatch(name)), None)
        if illegal is not None:
            raise SagaError(f"saga {self.name}: {illegal!r} is no name; allowed are a-z, 0-9 and -, a letter first")
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise SagaError(
                f"saga {self.name}: the name {repeated[0]} is used twice; names identify steps in the journal"
            )
        if not names:
            raise SagaError(f"saga {self.name} has no step")
        if RESERVED_NAME in names:
            raise SagaError(f"saga {self.name}: no step can be named {RESERVED_NAME}, which journals call the end")

    def steps(self) -> Iterator[Step]:
        for node in self.nodes:
            if isinstance(node, Step):
                yield node
            else:
                for branch in node.branches:
                    yield from branch

    def tasks(self) -> frozenset[str]:
        """Every task that some function has to perform."""
        undo = {step.compensation.task for step in self.steps() if step.compensation}
        return frozenset({step.task for step in self.steps()} | undo | {self.on_rejected, self.on_failed})
