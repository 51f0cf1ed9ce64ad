"""Units at their prices. Nothing here reads a file or knows the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

HOURS = 730
SECONDS = HOURS * 3600
MINUTES = HOURS * 60
"""Of a month."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """US dollars for one order."""

    what: str
    units: float
    usd: float


@dataclass(frozen=True, kw_only=True)
class Monthly:
    """US dollars; `most` is where autoscaling stays at its upper bound all month."""

    what: str
    least: float
    most: float


@dataclass(frozen=True, kw_only=True)
class Prices:
    """As in a target's prices.json."""

    listed: Mapping[str, Mapping[str, float]]
    assumed: Mapping[str, Mapping[str, Any]]

    def usd(self, what: str, units: float) -> float:
        price = self.listed[what]
        return units * price["usd"] / price["per"]

    def line(self, what: str, units: float) -> Line:
        return Line(what=what, units=units, usd=self.usd(what, units))

    def value(self, name: str) -> float:
        return float(self.assumed[name]["value"])


def total(lines: Sequence[Line]) -> float:
    return sum(line.usd for line in lines)


def always(what: str, usd: float) -> Monthly:
    return Monthly(what=what, least=usd, most=usd)
