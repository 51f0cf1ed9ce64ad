"""Stock in Firestore: units move in the commit that changes the order's reservation.

Only a new reservation has to know how many units there are; every other change is an increment, which is in nobody's
way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from google.cloud.firestore import Increment

from functions.adapters.gcp import layout
from functions.adapters.gcp.documents import Document, Documents, Write, change, create, merge
from functions.adapters.reservations import SIGNS, Movement, Moves, Reservations, require_held
from functions.codec import decode_lines, encode_lines
from functions.domain.errors import OutOfStockError
from functions.domain.order import Line, units_by_sku


@dataclass(frozen=True)
class FirestoreInventory(Reservations):
    """A functions.ports.Inventory; an SKU never seen before has `initial_units` on hand.

    Who reserves units of an SKU at the same time as others does so one after the other, at about one a second for each
    SKU over a longer time: that is how often Firestore takes changes of one document.
    """

    documents: Documents
    initial_units: int

    def reserve(self, order_id: str, lines: Sequence[Line]) -> None:
        wanted = units_by_sku(lines)
        path = layout.single(layout.RESERVATIONS, order_id)
        reservation = create(path, {"phase": "reserved", "lines": encode_lines(lines).decode()})

        def take(documents: Documents) -> None:
            held, *stock = documents.get_all([path, *(_stock(sku) for sku in wanted)])
            if held:
                require_held(order_id, held["phase"])
                return
            taken = [self._take(sku, units, found) for (sku, units), found in zip(wanted.items(), stock, strict=True)]
            documents.commit([reservation, *taken])

        self.documents.transact(take)

    def _take(self, sku: str, units: int, found: Document | None) -> Write:
        left = int(found["available"]) if found else self.initial_units
        if units > left:
            raise OutOfStockError(f"{sku} is out of stock: {units} were ordered, {left} are left")
        if found is None:
            return create(_stock(sku), {"available": left - units, "reserved": units, "sold": 0})
        return change(found, {"available": left - units, "reserved": found["reserved"] + units})

    def _move(self, order_id: str, moves: Moves, *, leave_refused: bool = True) -> str | None:
        """When the answer to the commit was lost, the phase after is told."""
        path = layout.single(layout.RESERVATIONS, order_id)

        def move(documents: Documents) -> str | None:
            reservation = documents.get(path)
            if reservation is None:
                if leave_refused:
                    documents.commit([create(path, {"phase": "refused"})])
                return None
            phase = str(reservation["phase"])
            if phase in moves:
                documents.commit(_change(reservation, *moves[phase]))
            return phase

        return self.documents.transact(move)


def _change(reservation: Document, phase: str, movement: Movement) -> list[Write]:
    units = units_by_sku(decode_lines(reservation["lines"].encode()))
    return [
        change(reservation, {"phase": phase}),
        *(
            merge(_stock(sku), {field: Increment(sign * count) for field, sign in SIGNS[movement].items()})
            for sku, count in units.items()
        ),
    ]


def _stock(sku: str) -> str:
    return layout.single(layout.STOCK, sku)
