"""A warehouse that ships whatever it is asked to, but for an order with the SKU SANDBOX-UNSHIPPABLE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.domain.errors import NotOpenError, PermanentError
from functions.domain.order import Line
from functions.ports import Ledger

UNSHIPPABLE = "SANDBOX-UNSHIPPABLE"


class UnshippableError(PermanentError):
    """The warehouse says no, when everything is paid and packed."""

    code = "unshippable"


@dataclass(frozen=True)
class SandboxWarehouse:
    """A functions.ports.Warehouse: an order's shipment is asked for or cancelled, whichever comes first."""

    ledger: Ledger

    def ship(self, *, key: str, order_id: str, lines: Sequence[Line]) -> None:
        if any(line.sku == UNSHIPPABLE for line in lines):
            raise UnshippableError(f"the warehouse cannot ship {UNSHIPPABLE}")
        units = sum(line.quantity for line in lines)
        asked = self.ledger.record_once(f"shipment:{order_id}", {"key": key, "units": units})
        if "units" not in asked or self.ledger.find(f"shipment-cancelled:{order_id}"):
            raise NotOpenError(f"the shipment of order {order_id} was cancelled before it was asked for")

    def cancel(self, *, key: str, order_id: str) -> bool:
        asked = self.ledger.record_once(f"shipment:{order_id}", {"key": key})
        if "units" not in asked:
            return False
        self.ledger.record_once(f"shipment-cancelled:{order_id}", {"key": key})
        return True
