"""What an order asks of a cloud, as it is counted on the running system and kept for benchmarks/cost to price."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
CHANCE = 1.5
"""How many times as much may be counted as was recorded, for what meets, or shares a batch, by chance."""

Counts = Mapping[str, float]


@dataclass(frozen=True)
class Recorded:
    """The counts of a target's runs; `counted` says how each of them is come by."""

    target: str
    counted: Mapping[str, str]

    def of(self, run: str) -> Counts:
        found: Counts = json.loads(self._file.read_text(encoding="utf-8"))[run]
        return found

    def write(self, run: str, counts: Counts) -> None:
        """In the place of what was recorded of this run; the others stay."""
        known = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        found = {**known, "counted": self.counted, run: counts}
        self._file.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")

    @property
    def _file(self) -> Path:
        return RESULTS / f"{self.target}-calls.json"


def per_order(place: Callable[[], object], so_far: Callable[[], Counts], orders: int) -> Counts:
    """The mean of some orders, one after another, after a first, which starts functions cold.

    `place` returns once everything that the order leads to has happened; `so_far` counts from whenever it likes.
    """
    place()
    before = so_far()
    for _ in range(orders):
        place()
    counts = so_far()
    return {what: round((counts[what] - before.get(what, 0)) / orders, 2) for what in sorted(counts)}


def apart(counts: Counts, recorded: Counts, of: Collection[str]) -> Mapping[str, tuple[float, float]]:
    """What was counted and recorded of what is further apart than chance may have it."""
    found = {what: (counts.get(what, 0), recorded.get(what, 0)) for what in of}
    return {what: pair for what, pair in found.items() if max(pair) > CHANCE * min(pair)}
