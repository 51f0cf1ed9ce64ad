"""How often, and how long between: the bounds, since the waits themselves are drawn."""

from __future__ import annotations

import pytest

from functions.adapters import attempts


@pytest.fixture(autouse=True)
def longest_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unlucky:
        def uniform(self, low: float, high: float) -> float:
            assert low == 0
            return high

    monkeypatch.setattr(attempts, "_random", Unlucky())


def test_the_bound_doubles_between_attempts_up_to_the_longest() -> None:
    assert list(attempts.waits(5, first=0.05)) == [0.05, 0.1, 0.2, 0.4]
    assert list(attempts.waits(5, first=0.05, longest=0.15)) == [0.05, 0.1, 0.15, 0.15]


def test_an_only_attempt_waits_for_nothing() -> None:
    assert list(attempts.waits(1, first=0.05)) == []


def test_each_attempt_but_the_first_comes_after_its_wait() -> None:
    told: list[float | str] = []
    for _ in attempts.paused(told.append, 3, first=0.2):
        told.append("attempt")
    assert told == ["attempt", 0.2, "attempt", 0.4, "attempt"]


def test_nothing_is_waited_for_once_an_attempt_has_done_it() -> None:
    told: list[float] = []
    next(attempts.paused(told.append, 3, first=0.2))
    assert told == []
