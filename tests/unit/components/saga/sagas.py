"""A world in which each attempt of each call of a saga has its fate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from components.saga.decider import Call, Ended, Entry, Kind, Phase, decide
from components.saga.definition import Saga

FATES = (Kind.SUCCEEDED, Kind.SUCCEEDED, Kind.SUCCEEDED, Kind.REFUSED, Kind.FAULTED)
RESULTS = ("left", "right", "neither")


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
        kind = self.fates.get((call.phase, call.step)) or random.choice(FATES)
        self._note(call, kind, random.choice(RESULTS) if kind is Kind.SUCCEEDED else "code")

    def _note(self, call: Call, kind: Kind, code: str = "") -> None:
        self.journal.append(
            Entry(
                kind=kind,
                phase=call.phase,
                step=call.step,
                attempt=call.attempt,
                at_ms=len(self.journal),
                code=code,
            )
        )
