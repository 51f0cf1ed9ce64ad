"""What an engine is given: a saga, and the fate of each attempt of each call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias

from components.saga.decider import END, Phase
from components.saga.definition import Choice, Compensation, Node, Parallel, Saga, Step

DATA: Mapping[str, object] = {
    "order_id": "ord_1",
    "tenant": "acme",
    "note": 'a "quoted" ${text} with {} and \\ in it, $.data, ü and \u2028',
    "failure": "none so far",
    "placed_at": "2026-11-24T23:00:00Z",
    "typed": {"__class__": "Order", "__module__": "shop", "__data__": "{}"},
    "amounts": [0, 1.5, None, True, {"items": []}],
}
"""What every run is started with; engines that evaluate text must pass it on as it is."""


class FateKind(StrEnum):
    SUCCEED = "succeed"
    """Does its work; `word` is the result."""
    REFUSE = "refuse"
    """Does nothing and says no; `word` is the code."""
    FAIL = "fail"
    """Does nothing and fails."""
    CRASH = "crash"
    """Does its work and fails to say so."""
    STALL = "stall"
    """Does its work and answers after the timeout."""
    MEET = "meet"
    """Does its work and succeeds once another call that has to meet is being performed too; alone it waits in vain."""


@dataclass(frozen=True)
class Fate:
    kind: FateKind
    word: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.word}".strip()


SUCCEED, FAIL = Fate(FateKind.SUCCEED), Fate(FateKind.FAIL)
CRASH, STALL, MEET = Fate(FateKind.CRASH), Fate(FateKind.STALL), Fate(FateKind.MEET)


def refuse(code: str = "declined") -> Fate:
    return Fate(FateKind.REFUSE, code)


def give(result: str) -> Fate:
    return Fate(FateKind.SUCCEED, result)


CallName: TypeAlias = tuple[Phase, str]


def calls(saga: Saga) -> dict[CallName, Step | Compensation]:
    """What the definition says of every call that a run may make; of the two tasks that record an end it has one."""
    named: dict[CallName, Step | Compensation] = {}
    for step in saga.steps():
        named[Phase.DO, step.name] = step
        if step.compensation:
            named[Phase.UNDO, step.name] = step.compensation
    named[Phase.END, END] = Compensation(task=saga.on_failed, timeout_seconds=saga.end_timeout_seconds)
    return named


class Printer(Protocol):
    """The part of Hypothesis's printer that a case needs."""

    def text(self, obj: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Case:
    """`fates` by attempt, of which the last one also holds for every later attempt; a call that is not named succeeds.

    `starts` is how often the run is started under its id. `kills` are for engines that can be killed: the n-th call
    that the run makes is cut off by the death of the engine's process (counted from 1). `deployed_meanwhile` is another
    definition, which is deployed before the engine comes back.
    """

    saga: Saga
    fates: Mapping[CallName, tuple[Fate, ...]] = field(default_factory=dict)
    starts: int = 1
    kills: tuple[int, ...] = ()
    deployed_meanwhile: Saga | None = None

    def fate(self, phase: Phase, step: str, attempt: int) -> Fate:
        fates = self.fates.get((phase, step), ()) or (SUCCEED,)
        return fates[min(attempt, len(fates)) - 1]

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        """Hypothesis prints this for a case that failed."""
        printer.text(repr(self))

    def __repr__(self) -> str:
        lines = [f"saga {self.saga.name}", *(f"  {_node(node)}" for node in self.saga.nodes)]
        for (phase, step), fates in self.fates.items():
            lines.append(f"  {phase} {step}: {', then '.join(map(str, fates))}")
        if self.starts > 1:
            lines.append(f"  started {self.starts} times")
        if self.kills:
            lines.append(f"  killed during calls {', '.join(map(str, self.kills))}")
        return "\n" + "\n".join(lines) + "\n"


def _node(node: Node) -> str:
    if isinstance(node, Parallel):
        return f"parallel {node.name}: " + " | ".join(map(_sequence, node.branches))
    if isinstance(node, Choice):
        arms = [f"{case.result} -> {_sequence(case.steps)}" for case in node.cases]
        return f"choice {node.name} on {node.of}: " + "; ".join([*arms, f"otherwise {_sequence(node.otherwise)}"])
    return _step(node)


def _sequence(steps: tuple[Step, ...]) -> str:
    return ", ".join(map(_step, steps)) or "nothing"


def _step(step: Step) -> str:
    parts = [step.name]
    if step.retry.attempts > 1:
        parts.append(f"x{step.retry.attempts}")
    if step.compensation:
        parts.append(f"(undo x{step.compensation.retry.attempts})")
    if step.rejects:
        parts.append("(rejects)")
    return " ".join(parts)
