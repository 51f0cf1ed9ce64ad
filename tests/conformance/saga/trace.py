"""What an engine left behind, in a form in which two engines can be compared.

Calls of one branch keep their order; of calls of different branches of one parallel, which run side by side, those of
the first branch come first. Nothing else is moved: an engine that undoes before all branches have ended shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.saga.decider import Outcome, Phase
from components.saga.definition import Parallel, Saga, sequences


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt of one call, as the task saw it."""

    phase: Phase
    step: str
    number: int
    key: str
    answer: str

    def __str__(self) -> str:
        return f"{self.phase} {self.step} #{self.number}: {self.answer}"


@dataclass(frozen=True, kw_only=True)
class End:
    """How the engine says that the run ended.

    `failed_step` and `code` are empty for a run that succeeded. `is_recorded`: the task that records the end has
    succeeded, or was not needed. `is_alarmed`: the engine's own status of the run is failed, so an alarm goes off.
    """

    outcome: Outcome
    failed_step: str = ""
    code: str = ""
    uncompensated: tuple[str, ...] = ()
    is_recorded: bool = True
    is_alarmed: bool = False

    @classmethod
    def said(cls, output: Mapping[str, Any], *, is_recorded: bool, is_alarmed: bool) -> End:
        """By what an engine of a cloud puts out, or fails with."""
        failure = output.get("failure") or {"step": "", "code": ""}
        return cls(
            outcome=Outcome(output["outcome"]),
            failed_step=failure["step"],
            code=failure["code"],
            uncompensated=tuple(sorted(output.get("uncompensated", ()))),
            is_recorded=is_recorded,
            is_alarmed=is_alarmed,
        )


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the task that records the end was told."""

    task: str
    failed_step: str
    code: str
    uncompensated: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Trace:
    """`violations`: what no run may ever do, whatever the faults; the world notes it while the run goes on."""

    attempts: tuple[Attempt, ...]
    told: tuple[Told, ...]
    end: End
    violations: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Shown when two traces differ."""
        lines = [*map(str, self.attempts), *map(str, self.told), str(self.end), *self.violations]
        return "\n" + "\n".join(f"  {line}" for line in lines) + "\n"


def difference(trace: Trace, expected: Trace) -> str:
    """Both traces, for whoever has to find out why they differ; empty when they do not."""
    if trace == expected and not trace.violations:
        return ""
    return f"\nit left{trace!r}and should have left{expected!r}"


def in_comparable_order(saga: Saga, attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """Sort what ran side by side by branch, and only that: runs of neighbouring calls of one parallel."""
    places = dict(_places(saga))
    ordered: list[Attempt] = []
    side_by_side: list[Attempt] = []
    for attempt in attempts:
        if side_by_side and _parallel(places, side_by_side[-1]) != _parallel(places, attempt):
            ordered += _by_branch(places, side_by_side)
            side_by_side = []
        if _parallel(places, attempt):
            side_by_side.append(attempt)
        else:
            ordered.append(attempt)
    return (*ordered, *_by_branch(places, side_by_side))


def _places(saga: Saga) -> Iterator[tuple[str, tuple[str, int]]]:
    """For each step of a parallel: which one, and in which branch."""
    for node in saga.nodes:
        if isinstance(node, Parallel):
            for number, branch in enumerate(sequences(node)):
                yield from ((step.name, (node.name, number)) for step in branch)


def _parallel(places: Mapping[str, tuple[str, int]], attempt: Attempt) -> str:
    return places[attempt.step][0] if attempt.phase is Phase.DO and attempt.step in places else ""


def _by_branch(places: Mapping[str, tuple[str, int]], attempts: list[Attempt]) -> list[Attempt]:
    return sorted(attempts, key=lambda attempt: places[attempt.step][1])
