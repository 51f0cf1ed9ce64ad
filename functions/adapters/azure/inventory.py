"""Stock in Cosmos DB: units move in the batch that changes the order's reservation.

A reservation is reserved, then committed or released; committed may become restocked. `refused` is left behind by an
undo that found nothing, so that what it was to undo cannot happen later. No change of units has to know how many there
are: those that are taken are taken on condition that there are enough, so nobody is in anybody's way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.adapters.azure import layout
from functions.adapters.azure.items import ConflictError, Item, Items, Write, add, change, create
from functions.codec import decode_lines, encode_lines
from functions.domain.errors import NotOpenError, OutOfStockError
from functions.domain.order import Line, units_by_sku

PARTITION = layout.STOCK
_RELEASE = {"available": 1, "reserved": -1}
_COMMIT = {"reserved": -1, "sold": 1}
_RESTOCK = {"available": 1, "sold": -1}
_TTL = int(layout.REMEMBERED.total_seconds())


@dataclass(frozen=True)
class CosmosInventory:
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

    def _reserve_as_found(self, order_id: str, reservation: Write, wanted: Counter[str]) -> None:
        """Nothing to do if the order holds its units already."""
        found = self.items.get_all(PARTITION, [_reservation(order_id), *map(_stock, wanted)])
        held = found.get(_reservation(order_id))
        if held and held["phase"] in ("reserved", "committed"):
            return
        if held:
            raise NotOpenError(f"the reservation of order {order_id} was given back before it was made")
        taken = [self._take_as_found(sku, units, found.get(_stock(sku))) for sku, units in wanted.items()]
        self.items.write(PARTITION, [reservation, *taken])

    def _take_as_found(self, sku: str, units: int, found: Item | None) -> Write:
        left = int(found["available"]) if found else self.initial_units
        if units > left:
            raise OutOfStockError(f"{sku} is out of stock: {units} were ordered, {left} are left")
        if found:
            return _take(sku, units)
        return create(_stock(sku), {"sku": sku, "available": left - units, "reserved": units, "sold": 0})

    def _move(
        self, order_id: str, moves: Mapping[str, tuple[str, Mapping[str, int]]], *, leave_refused: bool = True
    ) -> str | None:
        """Move the units by what `moves` says for the reservation's phase; the phase before, None if there was none.

        When the answer to the batch was lost, the phase after is told in its place: it gives the same answers.
        """
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


def _change(reservation: Item, phase: str, movement: Mapping[str, int]) -> list[Write]:
    units = units_by_sku(decode_lines(reservation["lines"].encode()))
    return [
        change(reservation, {"phase": phase, "ttl": _TTL}),
        *(add(_stock(sku), {field: sign * count for field, sign in movement.items()}) for sku, count in units.items()),
    ]


def _take(sku: str, units: int) -> Write:
    return add(_stock(sku), {"available": -units, "reserved": units}, only_if=f"c.available >= {units}")


def _reservation(order_id: str) -> str:
    return layout.single("reservation", order_id)


def _stock(sku: str) -> str:
    return layout.single("stock", sku)
