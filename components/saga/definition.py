"""The form a saga is written in. What cannot be said here is refused, because some target could not do the same.

A saga is a sequence of steps, parallels and choices. Each step calls a task, has a timeout and counts its attempts in
*total*, the first one included (Step Functions and Workflows count retries, Durable Functions counts attempts: the
compilers convert). A branch of a parallel and an arm of a choice are sequences of steps; all branches end before the
saga decides what is next. docs/saga.md says what a saga means, rule by rule.

Times are whole seconds, because Step Functions knows no others. docs/saga.md says where each limit comes from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
ATTEMPTS = (1, 20)
INTERVAL_SECONDS = (1, 600)
FACTOR = (1, 10)
CAP_SECONDS = (1, 3600)
TIMEOUT_SECONDS = (1, 300)
BRANCHES = (2, 10)
CASES = (1, 10)
MAX_STEPS = 40
"""Durable Functions replays a run from its start for every step, so the cost of a run grows with their square."""
MAX_DATA_BYTES = 16_384
"""What a run is started with, as JSON: references, not documents (Workflows passes on 32 KB at most)."""
RESERVED_NAME = "end"
"""What journals and idempotency keys call the task that records the end of a saga; no step may have this name."""


class SagaError(ValueError):
    """The saga says something that not every target can do, or contradicts itself."""


def _within(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise SagaError(f"{what} is {value:g}; allowed is {low:g} to {high:g}")


def _whole(what: str, value: float, low: int, high: int) -> None:
    if value != value // 1:
        raise SagaError(f"{what} is {value:g}; it has to be a whole number")
    _within(what, value, low, high)


@dataclass(frozen=True, kw_only=True)
class Retry:
    """`attempts` in total; the n-th wait lasts interval * factor**(n-1) seconds, at most `cap_seconds`."""

    attempts: int = 3
    interval_seconds: int = 2
    factor: float = 2
    cap_seconds: int = 60

    def __post_init__(self) -> None:
        _whole("attempts", self.attempts, *ATTEMPTS)
        _whole("interval_seconds", self.interval_seconds, *INTERVAL_SECONDS)
        _within("factor", self.factor, *FACTOR)
        _whole("cap_seconds", self.cap_seconds, *CAP_SECONDS)

    def wait_seconds(self, failed_attempts: int) -> float:
        return min(self.interval_seconds * self.factor ** (failed_attempts - 1), self.cap_seconds)


ONCE = Retry(attempts=1)
PERSISTENT = Retry(attempts=10, interval_seconds=2, factor=2, cap_seconds=60)


@dataclass(frozen=True, kw_only=True)
class Compensation:
    """The task that undoes a step; it must be harmless when the step did nothing, and is retried."""

    task: str
    timeout_seconds: int
    retry: Retry = PERSISTENT

    def __post_init__(self) -> None:
        _whole("timeout_seconds", self.timeout_seconds, *TIMEOUT_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One task. `rejects`: its business error ends the saga as REJECTED instead of FAILED."""

    name: str
    task: str
    timeout_seconds: int
    retry: Retry = ONCE
    compensation: Compensation | None = None
    rejects: bool = False

    def __post_init__(self) -> None:
        _whole("timeout_seconds", self.timeout_seconds, *TIMEOUT_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Parallel:
    """Branches that run side by side; all of them end before anything else happens."""

    name: str
    branches: tuple[tuple[Step, ...], ...]

    def __post_init__(self) -> None:
        _within(f"branches of {self.name}", len(self.branches), *BRANCHES)
        if not all(self.branches):
            raise SagaError(f"parallel {self.name} has a branch without a step")


@dataclass(frozen=True, kw_only=True)
class Case:
    """The arm of a choice for one result."""

    result: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Runs the arm of the case whose result the step `of` gave, else `otherwise`, which may be empty."""

    name: str
    of: str
    cases: tuple[Case, ...]
    otherwise: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        _within(f"cases of {self.name}", len(self.cases), *CASES)
        results = [case.result for case in self.cases]
        _refuse_repeated(f"choice {self.name}", "result", results)
        _refuse_illegal(f"choice {self.name}", results)
        if not any((*(case.steps for case in self.cases), self.otherwise)):
            raise SagaError(f"choice {self.name} has no step in any of its arms")

    def arms(self) -> tuple[tuple[Step, ...], ...]:
        return (*(case.steps for case in self.cases), self.otherwise)

    def arm(self, result: str) -> tuple[Step, ...]:
        return next((case.steps for case in self.cases if case.result == result), self.otherwise)


Node: TypeAlias = Step | Parallel | Choice


@dataclass(frozen=True, kw_only=True)
class Saga:
    """`on_rejected` and `on_failed` are the tasks that record the end once every compensation has run.

    They are attempted like a compensation, ten times, and each attempt may last `end_timeout_seconds`.
    """

    name: str
    nodes: tuple[Node, ...]
    on_rejected: str
    on_failed: str
    end_timeout_seconds: int = 30

    def __post_init__(self) -> None:
        where = f"saga {self.name}"
        _whole(f"{where}: end_timeout_seconds", self.end_timeout_seconds, *TIMEOUT_SECONDS)
        steps = [step.name for step in self.steps()]
        if not steps:
            raise SagaError(f"{where} has no step")
        _within(f"{where}: the number of steps", len(steps), 1, MAX_STEPS)
        names = steps + [node.name for node in self.nodes if not isinstance(node, Step)]
        _refuse_illegal(where, (*names, *sorted(self.tasks())))
        _refuse_repeated(where, "name", names)
        if RESERVED_NAME in names:
            raise SagaError(f"{where}: no step can be named {RESERVED_NAME}, which journals call the end")
        self._refuse_blind_choices(where)

    def steps(self) -> Iterator[Step]:
        """In the order of the definition, whose reverse is the order of compensation."""
        for node in self.nodes:
            for sequence in sequences(node):
                yield from sequence

    def tasks(self) -> frozenset[str]:
        """Every task that some function has to perform."""
        undo = {step.compensation.task for step in self.steps() if step.compensation}
        return frozenset({step.task for step in self.steps()} | undo | {self.on_rejected, self.on_failed})

    def chosen_on(self) -> frozenset[str]:
        """The steps whose result some choice asks for."""
        return frozenset(node.of for node in self.nodes if isinstance(node, Choice))

    def _refuse_blind_choices(self, where: str) -> None:
        before: set[str] = set()
        for node in self.nodes:
            if isinstance(node, Choice) and node.of not in before:
                raise SagaError(
                    f"{where}: choice {node.name} asks for the result of {node.of}, which is no step before it "
                    "(a step of a parallel or of a choice cannot be asked)"
                )
            if isinstance(node, Step):
                before.add(node.name)


def sequences(node: Node) -> tuple[tuple[Step, ...], ...]:
    """What a node consists of: itself, the branches of a parallel, or the arms of a choice, of which one runs."""
    if isinstance(node, Parallel):
        return node.branches
    return node.arms() if isinstance(node, Choice) else ((node,),)


def _refuse_illegal(where: str, names: Iterable[str]) -> None:
    illegal = next((name for name in names if not NAME.fullmatch(name)), None)
    if illegal is not None:
        raise SagaError(
            f"{where}: {illegal!r} is no name; allowed are at most 63 of a-z, 0-9 and -, with a letter first"
        )


def _refuse_repeated(where: str, what: str, names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise SagaError(f"{where}: the {what} {repeated[0]} is used twice; each identifies one thing in the journal")
