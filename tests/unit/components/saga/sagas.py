"""Generated sagas, and a world in which each attempt of each call has its fate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

from hypothesis import strategies as st

from components.saga.decider import Call, Ended, Entry, Kind, Phase, decide
from components.saga.definition import Compensation, Node, Parallel, Retry, Saga, Step

FATES = (Kind.SUCCEEDED, Kind.SUCCEEDED, Kind.SUCCEEDED, Kind.REFUSED, Kind.FAULTED)


@st.composite
def sagas(draw: st.DrawFn) -> Saga:
    counter = iter(range(1000))
    nodes = tuple(
        _parallel(draw, counter.__next__) if draw(st.booleans()) else _step(draw, counter.__next__)
        for _ in range(draw(st.integers(1, 4)))
    )
    return Saga(name="generated", nodes=nodes, on_rejected="record-rejected", on_failed="record-failed")


def _parallel(draw: st.DrawFn, number: Callable[[], int]) -> Node:
    branches = tuple(
        tuple(_step(draw, number) for _ in range(draw(st.integers(1, 3)))) for _ in range(draw(st.integers(2, 3)))
    )
    return Parallel(name=f"parallel-{number()}", branches=branches)


def _step(draw: st.DrawFn, number: Callable[[], int]) -> Step:
    name = f"step-{number()}"
    undo = Compensation(task=f"undo-{name}", retry=Retry(attempts=draw(st.integers(1, 3))))
    return Step(
        name=name,
        task=f"do-{name}",
        retry=Retry(attempts=draw(st.integers(1, 3)), interval_seconds=draw(st.sampled_from([0.0, 2.0]))),
        compensation=undo if draw(st.booleans()) else None,
        rejects=draw(st.booleans()),
    )


@dataclass
class World:
    """Performs the open calls one at a time in an order and with fates that the seed decides."""

    saga: Saga
    seed: int
    fates: Mapping[tuple[Phase, str], Kind] = field(default_factory=dict)
    journal: list[Entry] = field(default_factory=list)
    started: list[Call] = field(default_factory=list)

    def run(self) -> Ended:
        random = Random(self.seed)  # noqa: S311 -- a simulation, not a secret
        for _ in range(10_000):
            decision = decide(self.saga, self.journal)
            if isinstance(decision, Ended):
                return decision
            self._one_event(decision.calls, random)
        raise AssertionError("the saga does not end")

    def _one_event(self, calls: tuple[Call, ...], random: Random) -> None:
        call = random.choice(calls)
        if not call.is_started:
            self._note(call, Kind.STARTED)
            self.started.append(call)
            return
        self._note(call, self.fates.get((call.phase, call.step)) or random.choice(FATES))

    def _note(self, call: Call, kind: Kind) -> None:
        self.journal.append(
            Entry(
                kind=kind,
                phase=call.phase,
                step=call.step,
                attempt=call.attempt,
                at_ms=len(self.journal),
                code="" if kind in (Kind.STARTED, Kind.SUCCEEDED) else "code",
            )
        )
