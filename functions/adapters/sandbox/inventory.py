"""Stock that is scarce or out of reach when the order asks for it, in front of the target's own inventory.

SANDBOX-OUT-OF-STOCK is never there; SANDBOX-TRANSIENT-N fails N times, then is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.adapters.sandbox.scripts import fail_as_asked
from functions.domain.errors import OutOfStockError
from functions.domain.order import Line
from functions.ports import Inventory, Ledger

OUT_OF_STOCK = "SANDBOX-OUT-OF-STOCK"
TRANSIENT = "SANDBOX-TRANSIENT-"


@dataclass(frozen=True)
class SandboxInventory:
    """A functions.ports.Inventory."""

    inventory: Inventory
    ledger: Ledger

    def reserve(self, order_id: str, lines: Sequence[Line]) -> None:
        skus = [line.sku for line in lines]
        if OUT_OF_STOCK in skus:
            raise OutOfStockError(f"{OUT_OF_STOCK} is out of stock")
        fail_as_asked(skus, TRANSIENT, self.ledger, f"reserve:{order_id}")
        self.inventory.reserve(order_id, lines)

    def release(self, order_id: str) -> bool:
        return self.inventory.release(order_id)

    def commit(self, order_id: str) -> None:
        self.inventory.commit(order_id)

    def restock(self, order_id: str) -> bool:
        return self.inventory.restock(order_id)
