"""Stock in DynamoDB: units move in the transaction that changes the order's reservation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from functions.adapters.aws.keys import Item, item_key, number, single, text
from functions.adapters.aws.table import ConditionFailedError, ContentionError, Table, Write, put_new, update
from functions.adapters.reservations import Movement, Moves, Reservations, require_held
from functions.codec import decode_lines, encode_lines
from functions.domain.errors import OutOfStockError
from functions.domain.order import Line, units_by_sku

_UPDATES = {
    Movement.RELEASE: "SET available = available + :units, reserved = reserved - :units",
    Movement.COMMIT: "SET reserved = reserved - :units, sold = if_not_exists(sold, :none) + :units",
    Movement.RESTOCK: "SET available = available + :units, sold = sold - :units",
}
READINGS = 4
"""None, reserved, committed, restocked: a reservation moves at most so often while somebody reads it."""


@dataclass(frozen=True)
class DynamoInventory(Reservations):
    """A functions.ports.Inventory; an SKU never seen before has `initial_units` on hand.

    An order may have 99 articles: the transaction that reserves them also writes the reservation.
    """

    table: Table
    initial_units: int

    def reserve(self, order_id: str, lines: Sequence[Line]) -> None:
        wanted = units_by_sku(lines)
        reservation = {
            **single("reservation", order_id),
            "phase": text("reserved"),
            "lines": text(encode_lines(lines).decode()),
        }
        try:
            self.table.transact([put_new(reservation), *(self._take(sku, units) for sku, units in wanted.items())])
        except ConditionFailedError as refused:
            self._explain(order_id, wanted, refused)

    def _take(self, sku: str, units: int) -> Write:
        # DynamoDB compares an attribute, never two constants: whether a new SKU has enough is decided here.
        is_enough = "available >= :units"
        if units <= self.initial_units:
            is_enough = f"{is_enough} OR attribute_not_exists(available)"
        change = (
            "SET kind = :stock, available = if_not_exists(available, :initial) - :units,"
            " reserved = if_not_exists(reserved, :none) + :units"
        )
        values = {
            ":stock": text("stock"),
            ":initial": number(self.initial_units),
            ":units": number(units),
            ":none": number(0),
        }
        return update(item_key("stock", sku), change, only_if=is_enough, values=values)

    def _explain(self, order_id: str, wanted: Counter[str], refused: ConditionFailedError) -> None:
        """Nothing to explain if the order holds its units already."""
        if 0 in refused.found:
            require_held(order_id, _phase(refused.found[0]))
            return
        (sku, units), stock = list(wanted.items())[min(refused.found) - 1], refused.found[min(refused.found)]
        left = int(stock["available"]["N"]) if "available" in stock else self.initial_units
        raise OutOfStockError(f"{sku} is out of stock: {units} were ordered, {left} are left")

    def _move(self, order_id: str, moves: Moves, *, leave_refused: bool = True) -> str | None:
        for _ in range(READINGS):
            reservation = self.table.get(item_key("reservation", order_id))
            phase = _phase(reservation) if reservation else None
            try:
                if reservation and phase and phase in moves:
                    self.table.transact(_change(reservation, *moves[phase]))
                elif phase is None and leave_refused:
                    self.table.write(put_new({**single("reservation", order_id), "phase": text("refused")}))
            except ConditionFailedError:
                continue
            return phase
        raise ContentionError(f"the reservation of order {order_id} was being changed by others {READINGS} times")


def _change(reservation: Item, phase: str, movement: Movement) -> list[Write]:
    units = units_by_sku(decode_lines(str(reservation["lines"]["S"]).encode()))
    key = {"pk": reservation["pk"], "sk": reservation["sk"]}
    reached = update(
        key,
        "SET phase = :after",
        only_if="phase = :before",
        values={":before": reservation["phase"], ":after": text(phase)},
    )
    return [reached, *(_moved(sku, count, _UPDATES[movement]) for sku, count in units.items())]


def _moved(sku: str, units: int, change: str) -> Write:
    values = {":units": number(units)}
    if ":none" in change:
        values[":none"] = number(0)
    return update(item_key("stock", sku), change, values=values)


def _phase(reservation: Item) -> str:
    return str(reservation["phase"]["S"])
