"""A saga's run as a track: one stop for each step and each undoing, with its attempts laid out over the run's time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from operations.ports import Attempt, Ending, Phase, SagaRun

SCALE = 1000.0
"""How wide a run is drawn."""
NARROWEST = 6.0
"""An attempt of no time at all can still be seen."""
SHORTEST_RUN = timedelta(milliseconds=50)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One attempt: `x` and `width` are its place in the run's time, `wait_seconds` went by since the one before."""

    attempt: Attempt
    x: float
    width: float
    seconds: float | None
    wait_seconds: float | None

    @property
    def state(self) -> str:
        return self.attempt.ending.value if self.attempt.ending else "under-way"


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A step in one phase; its state is that of its last attempt."""

    step: str
    phase: Phase
    tries: tuple[Tried, ...]

    @property
    def state(self) -> str:
        return self.tries[-1].state

    @property
    def seconds(self) -> float | None:
        """From the first attempt's beginning to the last one's end; None while it goes on."""
        ended = self.tries[-1].attempt.ended_at
        return (ended - self.tries[0].attempt.began_at).total_seconds() if ended else None


def track(run: SagaRun, now: datetime) -> list[Stop]:
    """In the order in which the steps began, so what runs side by side stands together; `now` ends what goes on."""
    if not run.attempts:
        return []
    began = min(attempt.began_at for attempt in run.attempts)
    ended = max(attempt.ended_at or now for attempt in run.attempts)
    whole = max(ended - began, SHORTEST_RUN)
    groups: dict[tuple[Phase, str], list[Attempt]] = {}
    for attempt in sorted(run.attempts, key=lambda each: each.began_at):
        groups.setdefault((attempt.phase, attempt.step), []).append(attempt)
    return [
        Stop(step=step, phase=phase, tries=tuple(_tries(attempts, began, whole, now)))
        for (phase, step), attempts in groups.items()
    ]


def _tries(attempts: Sequence[Attempt], began: datetime, whole: timedelta, now: datetime) -> list[Tried]:
    waits = [None, *(_wait(earlier, later) for earlier, later in pairwise(attempts))]
    return [_tried(each, began, whole, now, wait) for each, wait in zip(attempts, waits, strict=True)]


def _wait(earlier: Attempt, later: Attempt) -> float | None:
    return (later.began_at - earlier.ended_at).total_seconds() if earlier.ended_at else None


def _tried(attempt: Attempt, began: datetime, whole: timedelta, now: datetime, wait: float | None) -> Tried:
    ended = attempt.ended_at or max(now, attempt.began_at)
    width = min(SCALE, max(NARROWEST, SCALE * ((ended - attempt.began_at) / whole)))
    x = SCALE * ((attempt.began_at - began) / whole)
    return Tried(
        attempt=attempt,
        x=round(min(x, SCALE - width), 1),
        width=round(width, 1),
        seconds=(ended - attempt.began_at).total_seconds() if attempt.ended_at else None,
        wait_seconds=wait,
    )


def is_undone(stops: Sequence[Stop], step: str) -> bool:
    """Whether what the step did was taken back."""
    return any(
        stop.step == step and stop.phase is Phase.UNDO and stop.state == Ending.SUCCEEDED.value for stop in stops
    )
