"""What a saga does next, as a pure function of its definition and of the journal of what happened so far.

A business error (refused) is never retried; a transient error or a timeout (faulted) is, up to the step's attempts in
total. A failure undoes what was done, in reverse order of the definition; a step of which any attempt faulted is undone
too, since it may have happened. Every branch of a parallel runs to its end before the saga decides; of several failing
branches the first one of the definition says why the saga failed. An attempt whose end is not in the journal is asked
for again under its number: whoever was performing it has to tell whether it still is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeAlias

from components.saga.definition import (
    PERSISTENT,
    RESERVED_NAME,
    Choice,
    Node,
    Retry,
    Saga,
    SagaError,
    Step,
    sequences,
)

END = RESERVED_NAME
"""The journal's name of the last call of a saga that did not succeed."""
FAULT = "fault"
"""The code of every failure that is no business error; its message tells an error from a timeout, where the target
can."""


class Phase(StrEnum):
    DO = "do"
    UNDO = "undo"
    END = "end"


class Kind(StrEnum):
    STARTED = "started"
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    """A business error: the task was performed and said no."""
    FAULTED = "faulted"
    """A transient error or a timeout: the task may have happened."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the journal: something that happened to one attempt of one call.

    `code` is what the task answered: its result, or the code of its business error.
    """

    kind: Kind
    phase: Phase
    step: str
    attempt: int
    at_ms: int = 0
    code: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why the saga did not succeed: the step, and what its last attempt ended with."""

    step: str
    code: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """A task to perform, no earlier than `not_before_ms`; `is_started`: the journal has this attempt already.

    The call that records the end carries the failure and what could not be undone.
    """

    phase: Phase
    step: str
    task: str
    attempt: int
    timeout_seconds: int
    not_before_ms: int
    is_started: bool
    failure: Failure | None = None
    uncompensated: tuple[str, ...] = ()

    def key(self, run_id: str) -> str:
        """The idempotency key: the same for every attempt, another one for the compensation."""
        return {
            Phase.DO: f"{run_id}:{self.step}",
            Phase.UNDO: f"{run_id}:{self.step}:undo",
            Phase.END: f"{run_id}:{END}",
        }[self.phase]


class Outcome(StrEnum):
    SUCCEEDED = "succeeded"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Proceed:
    """The saga goes on once one of `calls` has ended; there is at least one, and several in a parallel."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """Nothing is left to do. `end_error`: the task that records the end failed for good, so somebody has to look."""

    outcome: Outcome
    failure: Failure | None = None
    uncompensated: tuple[str, ...] = ()
    end_error: Failure | None = None


Decision: TypeAlias = Proceed | Ended


def decide(saga: Saga, journal: Sequence[Entry], *, delay_scale: float = 1.0) -> Decision:
    """What is next after exactly this journal; raises SagaError for a journal of another saga.

    `delay_scale` multiplies every wait between attempts.
    """
    history = _History(saga, journal, delay_scale)
    for node in saga.nodes:
        branches = history.sequences_of(node)
        calls = tuple(call for branch in branches if (call := history.next_in(branch)))
        if calls:
            return Proceed(calls=calls)
        broken = next((step for branch in branches for step in branch if history.is_broken(step)), None)
        if broken:
            return _unwind(saga, history, broken)
    return Ended(outcome=Outcome.SUCCEEDED)


def _unwind(saga: Saga, history: _History, broken: Step) -> Decision:
    """Undo what was done, one after another, then record the end."""
    uncompensated: list[str] = []
    for step in history.to_undo():
        if call := history.undoing(step):
            return Proceed(calls=(call,))
        if not history.is_undone(step):
            uncompensated.append(step.name)
    return _end(saga, history, broken, tuple(uncompensated))


def _end(saga: Saga, history: _History, broken: Step, uncompensated: tuple[str, ...]) -> Decision:
    failure = history.failure(Phase.DO, broken.name)
    rejected = broken.rejects and history.last(Phase.DO, broken.name).kind is Kind.REFUSED
    task = saga.on_rejected if rejected else saga.on_failed
    if call := history.attempt(Phase.END, END, task, saga.end_timeout_seconds, PERSISTENT):
        return Proceed(calls=(replace(call, failure=failure, uncompensated=uncompensated),))
    recorded = history.last(Phase.END, END).kind is Kind.SUCCEEDED
    return Ended(
        outcome=Outcome.REJECTED if rejected else Outcome.FAILED,
        failure=failure,
        uncompensated=uncompensated,
        end_error=None if recorded else history.failure(Phase.END, END),
    )


class _History:
    """The journal folded to what matters: the last entry of each call, and what may have happened."""

    def __init__(self, saga: Saga, journal: Sequence[Entry], delay_scale: float) -> None:
        self._delay_scale = delay_scale
        self._last: dict[tuple[Phase, str], Entry] = {}
        self._may_have_happened: set[str] = set()
        for entry in journal:
            self._last[entry.phase, entry.step] = entry
            if entry.phase is Phase.DO and entry.kind in (Kind.SUCCEEDED, Kind.FAULTED):
                self._may_have_happened.add(entry.step)
        self._steps = {step.name: step for step in saga.steps()}
        unknown = sorted({step for _, step in self._last} - self._steps.keys() - {END})
        if unknown:
            raise SagaError(f"the journal is not one of saga {saga.name}, which has no step {unknown[0]}")

    def last(self, phase: Phase, name: str) -> Entry:
        return self._last[phase, name]

    def failure(self, phase: Phase, name: str) -> Failure:
        entry = self._last[phase, name]
        return Failure(step=name, code=entry.code, message=entry.message)

    def sequences_of(self, node: Node) -> tuple[tuple[Step, ...], ...]:
        """The sequences of steps that a node runs; of a choice the one arm that the result asks for."""
        if isinstance(node, Choice):
            return (node.arm(self._last[Phase.DO, node.of].code),)
        return sequences(node)

    def next_in(self, branch: Sequence[Step]) -> Call | None:
        """The branch's one open call; None when all its steps are done or one of them failed for good."""
        for step in branch:
            call = self.attempt(Phase.DO, step.name, step.task, step.timeout_seconds, step.retry)
            if call or self.is_broken(step):
                return call
        return None

    def is_broken(self, step: Step) -> bool:
        """Asked once the step's branch has no open call: then a fault is the last one."""
        entry = self._last.get((Phase.DO, step.name))
        return entry is not None and entry.kind in (Kind.REFUSED, Kind.FAULTED)

    def to_undo(self) -> list[Step]:
        """What is done, and what may be; the last one of the definition first."""
        return [
            step
            for step in reversed(self._steps.values())
            if step.compensation and step.name in self._may_have_happened
        ]

    def undoing(self, step: Step) -> Call | None:
        undo = step.compensation
        if undo is None:
            return None
        return self.attempt(Phase.UNDO, step.name, undo.task, undo.timeout_seconds, undo.retry)

    def is_undone(self, step: Step) -> bool:
        return self._last[Phase.UNDO, step.name].kind is Kind.SUCCEEDED

    def attempt(self, phase: Phase, name: str, task: str, timeout_seconds: int, retry: Retry) -> Call | None:
        """The attempt that is due or under way; None once the call has ended for good."""
        entry = self._last.get((phase, name))
        if entry is None:
            number, not_before_ms = 1, 0
        elif entry.kind is Kind.STARTED:
            number, not_before_ms = entry.attempt, 0
        elif entry.kind is Kind.FAULTED and entry.attempt < retry.attempts:
            number, not_before_ms = entry.attempt + 1, self._after(entry, retry)
        else:
            return None
        return Call(
            phase=phase,
            step=name,
            task=task,
            attempt=number,
            timeout_seconds=timeout_seconds,
            not_before_ms=not_before_ms,
            is_started=entry is not None and entry.kind is Kind.STARTED,
        )

    def _after(self, entry: Entry, retry: Retry) -> int:
        return entry.at_ms + round(retry.wait_seconds(entry.attempt) * 1000 * self._delay_scale)
