"""How much of everything a run measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scale:
    users: Sequence[int] = (4, 16, 48, 96)
    """The steps of the ramp: users who each have one order under way."""
    seconds: float = 6
    """Of each load but the one at half the rate."""
    half_load_seconds: float = 30
    rounds: int = 3
    workflows: int = 40
    """On DBOS, started side by side."""
    commits: int = 2000
    stored: tuple[int, int] = (1_000, 100_000)
    templates: int = 100
    """Orders that are really placed, of which those that are stored are copies."""
    starts: int = 7


FULL = Scale()
