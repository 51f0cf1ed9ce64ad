"""Stock in Cosmos DB: units move in the batch that changes the order's reservation.

No change of units has to know how many there are: those that are taken are taken on condition that there are enough, so
nobody is in anybody's way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from functions.adapters.azure import layout
from functions.adapters.azure.items import ConflictError, Item, Items, Write, add, change, create
from functions.adapters.reservations import SIGNS, Movement, Moves, Reservations, require_held
from functions.codec import decode_lines, encode_lines
from functions.domain.errors import OutOfStockError
from functions.domain.order import Line, units_by_sku

PARTITION = layout.STOCK
_TTL = int(layout.REMEMBERED.total_seconds())


@dataclass(frozen=True)
class CosmosInventory(Reservations):
    """A functions.ports.Inventory; an SKU never seen before has `initial_units` on hand.

    An order may have 99 articles: the batch that reserves them also writes the reservation.
    """

    items: Items
    initial_units: int

    def reserve(self, order_id: str, lines: Sequence[Line]) -> None:
        """One call, unless there is something to explain, or the first order for an SKU."""
        wanted = units_by_sku(lines)
        reservation = create(_reservation(order_id), {"phase": "reserved", "lines": encode_lines(lines).decode()})
        try:
            self.items.write(PARTITION, [reservation, *(_take(sku, units) for sku, units in wanted.items())])
        except ConflictError:
            self.items.transact(lambda: self._reserve_as_found(order_id, reservation, wanted))

    def _reserve_as_found(self, order_id: str, reservation: Write, wanted: Counter[str]) -> None:
        """Nothing to do if the order holds its units already."""
        found = self.items.get_all(PARTITION, [_reservation(order_id), *map(_stock, wanted)])
        held = found.get(_reservation(order_id))
        if held:
            require_held(order_id, held["phase"])
            return
        taken = [self._take_as_found(sku, units, found.get(_stock(sku))) for sku, units in wanted.items()]
        self.items.write(PARTITION, [reservation, *taken])

    def _take_as_found(self, sku: str, units: int, found: Item | None) -> Write:
        left = int(found["available"]) if found else self.initial_units
        if units > left:
            raise OutOfStockError(f"{sku} is out of stock: {units} were ordered, {left} are left")
        if found:
            return _take(sku, units)
        return create(_stock(sku), {"sku": sku, "available": left - units, "reserved": units, "sold": 0})

    def _move(self, order_id: str, moves: Moves, *, leave_refused: bool = True) -> str | None:
        """When the answer to the batch was lost, the phase after is told."""
        id_ = _reservation(order_id)

        def move() -> str | None:
            reservation = self.items.get(PARTITION, id_)
            if reservation is None:
                if leave_refused:
                    self.items.write(PARTITION, [create(id_, {"phase": "refused", "ttl": _TTL})])
                return None
            phase = str(reservation["phase"])
            if phase in moves:
                self.items.write(PARTITION, _change(reservation, *moves[phase]))
            return phase

        return self.items.transact(move)


def _change(reservation: Item, phase: str, movement: Movement) -> list[Write]:
    units = units_by_sku(decode_lines(reservation["lines"].encode()))
    return [
        change(reservation, {"phase": phase, "ttl": _TTL}),
        *(
            add(_stock(sku), {field: sign * count for field, sign in SIGNS[movement].items()})
            for sku, count in units.items()
        ),
    ]


def _take(sku: str, units: int) -> Write:
    return add(_stock(sku), {"available": -units, "reserved": units}, only_if=f"c.available >= {units}")


def _reservation(order_id: str) -> str:
    return layout.single("reservation", order_id)


def _stock(sku: str) -> str:
    return layout.single("stock", sku)
