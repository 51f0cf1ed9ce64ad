"""The ports in memory that the unit tests use, held to what is asked of a target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from functions.domain.events import Json
from tests.conformance.worlds import INITIAL_UNITS
from tests.unit.functions.services.memory import (
    MemoryCustomer,
    MemoryDemand,
    MemoryInventory,
    MemoryLedger,
    MemoryOrders,
    MemoryWorkflow,
)


@dataclass
class MemoryWorld:
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    inventory: MemoryInventory = field(default_factory=lambda: MemoryInventory(INITIAL_UNITS))
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    customer: MemoryCustomer = field(default_factory=MemoryCustomer)
    demand: MemoryDemand = field(default_factory=MemoryDemand)
    workflow: MemoryWorkflow = field(default_factory=MemoryWorkflow)

    def feed(self) -> list[str]:
        return [event.id for event in self.orders.feed]

    def left(self, sku: str) -> int:
        return self.inventory.left(sku)

    def inbox(self) -> list[tuple[str, str, str]]:
        return list(self.customer.inbox.values())

    def ordered(self) -> dict[str, int]:
        return dict(self.demand.units)

    def runs(self) -> list[tuple[str, Mapping[str, Json]]]:
        return list(self.workflow.runs.items())
