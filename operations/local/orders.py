"""Orders of all tenants, and what happened to each."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from functions.codec import decode_event, decode_order
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
from operations.limits import bounded
from operations.local.storage import Storage


class LocalOrders:
    """An operations.ports.Orders."""

    def __init__(self, store: Storage) -> None:
        self._store = store

    def newest(self, limit: int, *, status: OrderStatus | None = None) -> Sequence[Order]:
        if status is None:
            # An id begins with the moment that its order was placed at: this order needs no index of its own, which
            # each order that is placed would pay for.
            return self._select("ORDER BY order_id DESC LIMIT ?", bounded(limit))
        return self._select(
            "WHERE status = ? ORDER BY placed_at_ms DESC, order_id DESC LIMIT ?", status.value, bounded(limit)
        )

    def find(self, order_id: str) -> Order | None:
        return next(iter(self._select("WHERE order_id = ?", order_id)), None)

    def timeline(self, order: Order) -> Sequence[Event]:
        def query(connection: sqlite3.Connection) -> list[Event]:
            rows = connection.execute("SELECT body FROM events WHERE order_id = ? ORDER BY version", (order.order_id,))
            return [decode_event(body) for (body,) in rows]

        return self._store.read(query)

    def _select(self, clauses: str, *values: str | int) -> list[Order]:
        """`clauses` are our own words; every value is bound."""

        def query(connection: sqlite3.Connection) -> list[Order]:
            rows = connection.execute(f"SELECT body FROM orders {clauses}", values)  # noqa: S608 -- see the docstring
            return [decode_order(body) for (body,) in rows]

        return self._store.read(query)
