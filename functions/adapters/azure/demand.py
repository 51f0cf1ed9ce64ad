"""The demand read model in Cosmos DB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.adapters.azure import layout
from functions.adapters.azure.items import ConflictError, ExistsError, Items, Write, add, create

PARTITION = layout.DEMAND
MARK = 0
"""Where in a batch the mark is that an event was counted."""


@dataclass(frozen=True)
class CosmosDemand:
    """A functions.ports.Demand; the batch that adds the units also marks the event as counted."""

    items: Items

    def record(self, event_id: str, units: Mapping[str, int]) -> None:
        """One call, but for the first event of an SKU, which nobody has looked for before."""
        mark = create(layout.single("event", event_id), {"ttl": int(layout.REMEMBERED.total_seconds())})
        known = [add(_units(sku), {"units": count}) for sku, count in units.items()]
        try:
            self._count([mark, *known])
        except ConflictError:
            self.items.transact(lambda: self._count([mark, *self._as_found(units)]))

    def _count(self, writes: list[Write]) -> None:
        try:
            self.items.write(PARTITION, writes)
        except ExistsError as known:
            if known.place != MARK:
                raise

    def _as_found(self, units: Mapping[str, int]) -> list[Write]:
        found = self.items.get_all(PARTITION, [_units(sku) for sku in units])
        return [
            add(_units(sku), {"units": count})
            if _units(sku) in found
            else create(_units(sku), {"sku": sku, "units": count})
            for sku, count in units.items()
        ]


def _units(sku: str) -> str:
    return layout.single("units", sku)
