"""Stock in Firestore: units move in the commit that changes the order's reservation.

A reservation is reserved, then committed or released; committed may become restocked. `refused` is left behind by an
undo that found nothing, so that what it was to undo cannot happen later. Only a new reservation has to know how many
units there are; every other change is an increment, which is in nobody's way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from google.cloud.firestore import Increment

from functions.adapters.gcp import layout
from functions.adapters.gcp.documents import Document, Documents, Write, change, create, merge
from functions.codec import decode_lines, encode_lines
from functions.domain.errors import NotOpenError, OutOfStockError
from functions.domain.order import Line, units_by_sku

_RELEASE = {"available": 1, "reserved": -1}
_COMMIT = {"reserved": -1, "sold": 1}
_RESTOCK = {"available": 1, "sold": -1}


@dataclass(frozen=True)
class FirestoreInventory:
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
            if held and held["phase"] in ("reserved", "committed"):
                return
            if held:
                raise NotOpenError(f"the reservation of order {order_id} was given back before it was made")
            taken = [self._take(sku, units, found) for (sku, units), found in zip(wanted.items(), stock, strict=True)]
            documents.commit([reservation, *taken])

        self.documents.transact(take)

    def release(self, order_id: str) -> bool:
        return self._move(order_id, {"reserved": ("released", _RELEASE)}) in ("reserved", "released")

    def commit(self, order_id: str) -> None:
        phase = self._move(order_id, {"reserved": ("committed", _COMMIT)}, leave_refused=False)
        if phase not in ("reserved", "committed"):
            raise NotOpenError(f"order {order_id} holds no units that could be sold: it is {phase or 'unknown'}")

    def restock(self, order_id: str) -> bool:
        """A reservation that was not committed is released, which is what would have come next."""
        moves = {"committed": ("restocked", _RESTOCK), "reserved": ("released", _RELEASE)}
        return self._move(order_id, moves) in ("committed", "restocked")

    def _take(self, sku: str, units: int, found: Document | None) -> Write:
        left = int(found["available"]) if found else self.initial_units
        if units > left:
            raise OutOfStockError(f"{sku} is out of stock: {units} were ordered, {left} are left")
        if found is None:
            return create(_stock(sku), {"available": left - units, "reserved": units, "sold": 0})
        return change(found, {"available": left - units, "reserved": found["reserved"] + units})

    def _move(
        self, order_id: str, moves: Mapping[str, tuple[str, Mapping[str, int]]], *, leave_refused: bool = True
    ) -> str | None:
        """Move the units by what `moves` says for the reservation's phase; the phase before, None if there was none.

        When the answer to the commit was lost, the phase after is told in its place: it gives the same answers.
        """
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


def _change(reservation: Document, phase: str, movement: Mapping[str, int]) -> list[Write]:
    units = units_by_sku(decode_lines(reservation["lines"].encode()))
    return [
        change(reservation, {"phase": phase}),
        *(
            merge(_stock(sku), {field: Increment(sign * count) for field, sign in movement.items()})
            for sku, count in units.items()
        ),
    ]


def _stock(sku: str) -> str:
    return layout.single(layout.STOCK, sku)
