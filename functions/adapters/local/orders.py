"""Orders in SQLite: the order, its events and the client's key in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.codec import decode_event, decode_order, encode_event, encode_order
from functions.domain.errors import NotFoundError, VersionConflictError
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
from functions.ports import IdempotencyRecord, Page, PagePosition
from local_runtime.client import Client


@dataclass(frozen=True)
class LocalOrders:
    """A functions.ports.OrderRepository."""

    client: Client
    database: str

    def add(self, order: Order, events: Sequence[Event], key: IdempotencyRecord | None) -> Order:
        def change(connection: sqlite3.Connection) -> Order:
            if key and (earlier := _earlier(connection, key, order.placed_at)):
                return earlier
            connection.execute(
                "INSERT INTO orders (order_id, tenant, status, version, placed_at_ms, body) VALUES (?,?,?,?,?,?)",
                (
                    order.order_id,
                    order.tenant,
                    order.status.value,
                    order.version,
                    _ms(order.placed_at),
                    encode_order(order),
                ),
            )
            _insert_events(connection, events)
            if key:
                _remember(connection, key)
            return order

        return self.client.write(self.database, change)

    def get(self, tenant: str, order_id: str) -> Order:
        return self.client.read(self.database, lambda connection: _get(connection, tenant, order_id))

    def append(self, order: Order, events: Sequence[Event]) -> None:
        def change(connection: sqlite3.Connection) -> None:
            updated = connection.execute(
                "UPDATE orders SET status = ?, version = ?, body = ? WHERE order_id = ? AND tenant = ? AND version = ?",
                (
                    order.status.value,
                    order.version,
                    encode_order(order),
                    order.order_id,
                    order.tenant,
                    order.version - len(events),
                ),
            )
            if updated.rowcount == 0:
                raise VersionConflictError(
                    f"order {order.order_id} is no longer at version {order.version - len(events)}: read it again"
                )
            _insert_events(connection, events)

        self.client.write(self.database, change)

    def timeline(self, tenant: str, order_id: str) -> tuple[Event, ...]:
        def query(connection: sqlite3.Connection) -> tuple[Event, ...]:
            _get(connection, tenant, order_id)
            rows = connection.execute("SELECT body FROM events WHERE order_id = ? ORDER BY version", (order_id,))
            return tuple(decode_event(body) for (body,) in rows)

        return self.client.read(self.database, query)

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        where, values = "tenant = ?", [tenant]
        if status:
            where, values = f"{where} AND status = ?", [*values, status.value]
        orders = self._newest_first(where, values, limit + 1, after)
        return Page.of(orders, limit)

    def stale(self, status: OrderStatus, placed_before: datetime, limit: int) -> tuple[Order, ...]:
        return self._select(
            "WHERE status = ? AND placed_at_ms < ? ORDER BY placed_at_ms, order_id LIMIT ?",
            (status.value, _ms(placed_before), limit),
        )

    def forget_keys(self, now: datetime) -> None:
        self.client.write(
            self.database,
            lambda connection: (
                connection.execute("DELETE FROM idempotency_keys WHERE expires_at_ms <= ?", (_ms(now),)).rowcount
            ),
        )

    def _newest_first(
        self, where: str, values: Sequence[str], limit: int, after: PagePosition | None
    ) -> tuple[Order, ...]:
        position: tuple[str | int, ...] = ()
        if after:
            where, position = f"{where} AND (placed_at_ms, order_id) < (?, ?)", (_ms(after.placed_at), after.order_id)
        return self._select(
            f"WHERE {where} ORDER BY placed_at_ms DESC, order_id DESC LIMIT ?", (*values, *position, limit)
        )

    def _select(self, clauses: str, values: Sequence[str | int]) -> tuple[Order, ...]:
        """`clauses` are our own words; every value is bound."""

        def query(connection: sqlite3.Connection) -> tuple[Order, ...]:
            rows = connection.execute(f"SELECT body FROM orders {clauses}", values)  # noqa: S608 -- see the docstring
            return tuple(decode_order(body) for (body,) in rows)

        return self.client.read(self.database, query)


def _get(connection: sqlite3.Connection, tenant: str, order_id: str) -> Order:
    row = connection.execute("SELECT body FROM orders WHERE order_id = ? AND tenant = ?", (order_id, tenant)).fetchone()
    if row is None:
        raise NotFoundError(f"there is no order {order_id}")
    return decode_order(row[0])


def _earlier(connection: sqlite3.Connection, key: IdempotencyRecord, now: datetime) -> Order | None:
    """The order that the key made before; a key that has expired was never there."""
    row = connection.execute(
        "SELECT body_sha256, order_id FROM idempotency_keys"
        " WHERE tenant = ? AND idempotency_key = ? AND expires_at_ms > ?",
        (key.tenant, key.key, _ms(now)),
    ).fetchone()
    if row is None:
        return None
    key.check(body_sha256=row[0], order_id=row[1])
    return _get(connection, key.tenant, row[1])


def _remember(connection: sqlite3.Connection, key: IdempotencyRecord) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO idempotency_keys (tenant, idempotency_key, body_sha256, order_id, expires_at_ms)"
        " VALUES (?,?,?,?,?)",
        (key.tenant, key.key, key.body_sha256, key.order_id, _ms(key.expires_at)),
    )


def _insert_events(connection: sqlite3.Connection, events: Sequence[Event]) -> None:
    connection.executemany(
        "INSERT INTO events (order_id, version, body) VALUES (?,?,?)",
        [(event.order_id, event.version, encode_event(event)) for event in events],
    )


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
