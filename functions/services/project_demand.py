"""Keep the read model of what customers order in step with the events."""

from __future__ import annotations

from dataclasses import dataclass

from functions.domain.events import Event, EventType
from functions.domain.order import replay, units_by_sku
from functions.ports import Demand


@dataclass(frozen=True)
class ProjectDemand:
    demand: Demand

    def __call__(self, event: Event) -> None:
        """Counts the units of an order that was placed; other events say nothing about demand."""
        if event.type is not EventType.PLACED:
            return
        self.demand.record(event.id, units_by_sku(replay((event,)).lines))
