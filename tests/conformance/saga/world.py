"""The tasks that every engine calls: they note each attempt, play its fate and remember what was done and undone."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from components.saga.decider import END, Phase
from components.saga.definition import Choice, Saga
from tests.conformance.saga.case import DATA, SUCCEED, Case, Fate, FateKind, calls
from tests.conformance.saga.trace import Attempt, End, Told, Trace, in_comparable_order

MEETING_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class TaskCall:
    """A call as it reaches a task on every target; `failure` and `uncompensated` only where the end is recorded."""

    task: str
    run_id: str
    key: str
    attempt: int
    data: Mapping[str, Any]
    failure: Mapping[str, Any] | None = None
    uncompensated: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, text: bytes | str) -> TaskCall:
        """The wire format of docs/saga.md; anything missing or unknown is an error of the engine."""
        document = json.loads(text)
        if not isinstance(document.setdefault("uncompensated", []), list):
            raise TypeError(f"uncompensated is {document['uncompensated']!r}, not a list")
        document["uncompensated"] = tuple(sorted(document["uncompensated"]))
        return cls(**document)


@dataclass
class World:
    """Of one run. `perform` may be called from several threads.

    An engine makes a call that was `cut_off` by its death again, under the same number; then the two are one. Any other
    call that comes twice is a violation.
    """

    case: Case
    run_id: str
    attempts: list[Attempt] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    cut_off: set[tuple[str, int]] = field(default_factory=set)
    """Key and number of the calls in which the driver let the engine die."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _meeting: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))

    def perform(self, call: TaskCall) -> Fate:
        """Note the attempt, do its work if that is its fate, and say what the task has to do now."""
        fate = self._note(call)
        if fate.kind is FateKind.MEET:
            self._wait_for_another(call)
            return SUCCEED
        return fate

    def _note(self, call: TaskCall) -> Fate:
        with self._lock:
            phase, step = self._identify(call)
            fate = self.case.fate(phase, step, call.attempt)
            key = call.key.replace(self.run_id, "saga", 1)
            attempt = Attempt(phase=phase, step=step, number=call.attempt, key=key, answer=str(fate))
            if attempt not in self.attempts:
                self.attempts.append(attempt)
                self._note_told(phase, call)
            elif (call.key, call.attempt) not in self.cut_off:
                self.violations.append(f"attempt {call.attempt} of {call.key} was made twice")
            if fate.kind not in (FateKind.REFUSE, FateKind.FAIL):
                (self.undone if phase is Phase.UNDO else self.done).add(step)
            return fate

    def trace(self, end: End) -> Trace:
        with self._lock:
            return Trace(
                attempts=in_comparable_order(self.case.saga, self.attempts),
                told=tuple(dict.fromkeys(self.told)),
                end=end,
                violations=(*dict.fromkeys(self.violations), *self._leftovers(end)),
            )

    def _wait_for_another(self, call: TaskCall) -> None:
        try:
            self._meeting.wait(MEETING_SECONDS)
        except threading.BrokenBarrierError:
            self.violations.append(f"{call.key} was performed alone")

    def _identify(self, call: TaskCall) -> tuple[Phase, str]:
        phase, step = phase_and_step(call.key)
        self._require("run id", call.key.partition(":")[0], self.run_id)
        self._require("run id of the call", call.run_id, self.run_id)
        self._require(f"data of {call.key}", _written(call.data), _written(DATA))
        if phase is not Phase.END:
            named = calls(self.case.saga).get((phase, step))
            self._require(f"task of {call.key}", call.task, named and named.task)
        return phase, step

    def _note_told(self, phase: Phase, call: TaskCall) -> None:
        if phase is Phase.END:
            failure = call.failure or {}
            self.told.append(
                Told(
                    task=call.task,
                    failed_step=failure.get("step", ""),
                    code=failure.get("code", ""),
                    uncompensated=tuple(sorted(call.uncompensated)),
                )
            )
            self._require("what a failure says", set(failure), {"step", "code", "message"})
        elif call.failure or call.uncompensated:
            self.violations.append(f"{call.key} was told of a failure")

    def _require(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.violations.append(f"{what} is {found!r}, not {wanted!r}")

    def _leftovers(self, end: End) -> list[str]:
        """Whatever fails: the saga succeeded and nothing is undone, or what was done is undone or reported."""
        if end.outcome.value == "succeeded":
            # The result of a stalled attempt never reached the saga, so only what it ends with is known to be done.
            missing = _always(self.case.saga) - self.done
            return [f"{step} was undone though the saga succeeded" for step in sorted(self.undone)] + [
                f"{step} was not done though the saga succeeded" for step in sorted(missing)
            ]
        revocable = {step.name for step in self.case.saga.steps() if step.compensation}
        left = (self.done & revocable) - self.undone - set(end.uncompensated)
        return [f"{step} was done, and neither undone nor reported" for step in sorted(left)]


def phase_and_step(key: str) -> tuple[Phase, str]:
    """They are in the key of a call alone, as they are for a real task."""
    _, _, rest = key.partition(":")
    step, _, undo = rest.partition(":")
    return Phase.UNDO if undo == "undo" else Phase.END if step == END else Phase.DO, step


def timeout_seconds(saga: Saga, key: str) -> int | None:
    """What the definition says of the call; None if it knows no such call."""
    named = calls(saga).get(phase_and_step(key))
    return named.timeout_seconds if named else None


def _written(data: Mapping[str, Any]) -> str:
    """In Python 1 equals True, which a task would tell apart."""
    return json.dumps(data, sort_keys=True)


def _always(saga: Saga) -> set[str]:
    """The steps that a saga which succeeds has done, whatever its choices were."""
    chosen = {step.name for node in saga.nodes if isinstance(node, Choice) for arm in node.arms() for step in arm}
    return {step.name for step in saga.steps()} - chosen
