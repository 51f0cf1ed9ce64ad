"""Stock in SQLite: units move in the transaction that changes the order's reservation.

A reservation is reserved, then committed or released; committed may become restocked. `refused` is left behind by an
undo that found nothing, so that what it was to undo cannot happen later.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from functions.adapters.reservations import require_held
from functions.codec import decode_lines, encode_lines
from functions.domain.errors import NotOpenError, OutOfStockError
from functions.domain.order import Line
from local_runtime.client import Client

_RESERVE = "reserved = reserved + :units"
_RELEASE = "reserved = reserved - :units"
_COMMIT = "on_hand = on_hand - :units, reserved = reserved - :units, sold = sold + :units"
_RESTOCK = "on_hand = on_hand + :units, sold = sold - :units"


@dataclass(frozen=True)
class LocalInventory:
    """A functions.ports.Inventory; an SKU never seen before has `initial_units` on hand."""

    client: Client
    database: str
    initial_units: int

    def reserve(self, order_id: str, lines: Sequence[Line]) -> None:
        def change(connection: sqlite3.Connection) -> None:
            state, _ = _reservation(connection, order_id)
            if state is not None:
                require_held(order_id, state)
                return
            for line in lines:
                self._require_units(connection, line)
                _move(connection, _RESERVE, [line])
            _set(connection, order_id, "reserved", lines)

        self.client.write(self.database, change)

    def release(self, order_id: str) -> bool:
        def change(connection: sqlite3.Connection) -> bool:
            state, lines = _reservation(connection, order_id)
            if state == "reserved":
                _move(connection, _RELEASE, lines)
                _set(connection, order_id, "released", lines)
            elif state is None:
                _set(connection, order_id, "refused", ())
            return state in ("reserved", "released")

        return self.client.write(self.database, change)

    def commit(self, order_id: str) -> None:
        def change(connection: sqlite3.Connection) -> None:
            state, lines = _reservation(connection, order_id)
            if state == "committed":
                return
            if state != "reserved":
                raise NotOpenError(f"order {order_id} holds no units that could be sold: it is {state or 'unknown'}")
            _move(connection, _COMMIT, lines)
            _set(connection, order_id, "committed", lines)

        self.client.write(self.database, change)

    def restock(self, order_id: str) -> bool:
        """A reservation that was not committed is released, which is what would have come next."""

        def change(connection: sqlite3.Connection) -> bool:
            state, lines = _reservation(connection, order_id)
            if state == "committed":
                _move(connection, _RESTOCK, lines)
                _set(connection, order_id, "restocked", lines)
            elif state == "reserved":
                _move(connection, _RELEASE, lines)
                _set(connection, order_id, "released", lines)
            elif state is None:
                _set(connection, order_id, "refused", ())
            return state in ("committed", "restocked")

        return self.client.write(self.database, change)

    def _require_units(self, connection: sqlite3.Connection, line: Line) -> None:
        connection.execute(
            "INSERT INTO stock (sku, on_hand) VALUES (?, ?) ON CONFLICT DO NOTHING", (line.sku, self.initial_units)
        )
        (available,) = connection.execute("SELECT on_hand - reserved FROM stock WHERE sku = ?", (line.sku,)).fetchone()
        if available < line.quantity:
            raise OutOfStockError(f"{line.sku} is out of stock: {line.quantity} were ordered, {available} are left")


def _reservation(connection: sqlite3.Connection, order_id: str) -> tuple[str | None, tuple[Line, ...]]:
    row = connection.execute("SELECT state, lines FROM reservations WHERE order_id = ?", (order_id,)).fetchone()
    return (row[0], decode_lines(row[1])) if row else (None, ())


def _set(connection: sqlite3.Connection, order_id: str, state: str, lines: Sequence[Line]) -> None:
    connection.execute(
        "INSERT INTO reservations (order_id, state, lines) VALUES (?,?,?)"
        " ON CONFLICT (order_id) DO UPDATE SET state = excluded.state",
        (order_id, state, encode_lines(lines)),
    )


def _move(connection: sqlite3.Connection, units: str, lines: Sequence[Line]) -> None:
    connection.executemany(
        f"UPDATE stock SET {units} WHERE sku = :sku",  # noqa: S608 -- one of the four constants above
        [{"sku": line.sku, "units": line.quantity} for line in lines],
    )
