"""A campaign: orders arrive while the system is harmed, round after round; then it comes to rest and is audited."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

import urllib3

from chaos import api_view, audit, books
from chaos.clients import Accepted, Clients
from chaos.errors import ChaosError
from chaos.plan import draw
from chaos.rest import comes_to_rest
from chaos.system import System

ROUND_SECONDS, MORE_SECONDS = 30.0, 120.0
"""What a round may take on average, and what all of them together may on top, before the campaign is given up."""

BREAKS = (ChaosError, urllib3.exceptions.HTTPError, sqlite3.Error, OSError, KeyError, ValueError)
"""What a system that is no longer sound may make of looking at it, once it has answered."""


@dataclass(frozen=True, kw_only=True)
class Size:
    rounds: int
    orders: int
    seed: int


@dataclass
class Report:
    figures: dict[str, str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)


class Harm(Protocol):
    """Something that is done to a running system, again and again."""

    def once(self) -> None:
        """One round. Afterwards the run time was at least started again."""
        ...

    def heal(self) -> bool:
        """Mend what the rounds have left and an operator would mend; False when there was nothing of it."""
        ...

    def violations(self) -> list[str]: ...

    def figures(self) -> Mapping[str, object]: ...


class Campaign:
    """`clients` and `random` are what a harm acts by."""

    def __init__(self, system: System, size: Size) -> None:
        self.system, self.size = system, size
        self.random = Random(size.seed)  # noqa: S311 -- it has to be repeatable
        self._done = 0
        self._is_released = False
        self._books: books.Books | None = None
        plan = draw(self.random, size.orders)
        self.clients = Clients(system.run_time.url, system.tokens(), plan, self._is_due, size.seed)

    def run(self, harm: Harm) -> Report:
        """Raises ChaosError when the system never answers; whatever it does not do later is a violation."""
        began = time.monotonic()
        self.system.run_time.start()
        found = self._looked_at("the campaign", lambda: self._harmed(harm))
        found += [*self.clients.told.surprises, *harm.violations(), *self._audited()]
        return Report(figures=self._figures(harm, time.monotonic() - began), violations=found)

    def _harmed(self, harm: Harm) -> Iterator[str]:
        try:
            self.clients.start()
            for _ in self._rounds():
                harm.once()
            self.system.run_time.await_answer()
            if not comes_to_rest(self.system.home.database, self.clients, harm.heal):
                yield "the system did not come to rest in time"
        finally:
            self.clients.stop()

    def _looked_at(self, what: str, look: Callable[[], Iterable[str]]) -> list[str]:
        """The violations that are found, of which one is that it cannot be looked at to the end."""
        found: list[str] = []
        try:
            for violation in look():
                found.append(violation)
        except BREAKS as error:
            found.append(f"{what} broke off: {_said(error)}")
        return found

    def _rounds(self) -> Iterator[int]:
        deadline = time.monotonic() + ROUND_SECONDS * self.size.rounds + MORE_SECONDS
        for number in range(self.size.rounds):
            if time.monotonic() > deadline:
                raise ChaosError(f"the campaign is too slow: {number} of {self.size.rounds} rounds are done")
            yield number
            self._done, self._is_released = number + 1, False
        self._done = self.size.rounds

    def _is_due(self, number: int) -> bool:
        """Each round has its share of the orders, half of it once it is released, or else with the next round."""
        halves = 2 * self._done + 1 + self._is_released
        return 2 * number * self.size.rounds < halves * self.size.orders

    def release(self) -> None:
        """Let the second half of the round's orders come now."""
        self._is_released = True

    def _audited(self) -> list[str]:
        system, accepted = self.system, list(self.clients.told.accepted.values())
        missing = self.size.orders - len(accepted)
        found = [f"{missing} orders were never accepted"] if missing else []
        found += self._looked_at(
            "the view of the API", lambda: api_view.violations(system.run_time.url, system.tokens(), accepted)
        )
        found += self._looked_at("the stop", self._stopped)
        return found + self._looked_at("the audit", lambda: self._of_books(accepted))

    def _stopped(self) -> Iterator[str]:
        if code := self.system.run_time.stop():
            yield f"the run time stopped with exit code {code}"

    def _of_books(self, accepted: Sequence[Accepted]) -> Sequence[str]:
        self._books = books.read(self.system.home.database, self.system.archive)
        return audit.violations(self._books, accepted)

    def _figures(self, harm: Harm, seconds: float) -> dict[str, str]:
        told, starts = self.clients.told, self.system.run_time.start_seconds
        orders, all_events = (self._books.orders, self._books.events) if self._books else ({}, {})
        ended = Counter(order["status"] for order in orders.values())
        events = sum(len(each) for each in all_events.values())
        all_figures: dict[str, object] = {
            "orders accepted": len(told.accepted),
            **harm.figures(),
            "starts": self.system.run_time.starts,
            "seconds until it answers": f"{statistics.median(starts):.1f} (longest {max(starts):.1f})",
            "requests": told.counts["requests"],
            **{f"requests that {what}": told.counts[what] for what in ("found nobody", "lost their answer")},
            **{f"requests refused with {status}": times for status, times in sorted(told.refusals.items())},
            **{what: told.counts[what] for what in ("repeated although answered", "key sent with another body")},
            **{f"ended as {status}": number for status, number in sorted(ended.items())},
            "events": events,
            "seconds": f"{seconds:.0f}",
        }
        return {name: str(value) for name, value in all_figures.items()}


def _said(error: Exception) -> str:
    """In one line; an error that is not this program's own says little without its name."""
    text = " ".join(str(error).split())
    return text if isinstance(error, ChaosError) else f"{type(error).__name__}: {text}"
