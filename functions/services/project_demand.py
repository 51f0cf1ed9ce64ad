"""Keep the read model of what customers order in step with the events."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from functions.domain.events import Event, EventType
from functions.domain.order import replay
from functions.ports import Demand


@dataclass(frozen=True)
class ProjectDemand:
    demand: Demand

    def __call__(self, event: Event) -> None:
        """Counts the units of an order that was placed; other events say nothing about demand."""
        if event.type is not EventType.PLACED:
            return
        units: Counter[str] = Counter()
        for line in replay((event,)).lines:
            units[line.sku] += line.quantity
        self.demand.record(event.id, units)
