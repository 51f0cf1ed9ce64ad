"""Orders in Cosmos DB: the order, its events and the client's key in one batch; the change feed is the outbox."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.adapters.azure import layout
from functions.adapters.azure.items import ConflictError, Item, Items, Write, change, create, replace
from functions.codec import decode_event, decode_order, encode_event, encode_order
from functions.domain.errors import NotFoundError, VersionConflictError
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
from functions.ports import IdempotencyRecord, Page, PagePosition


@dataclass(frozen=True)
class CosmosOrders:
    """A functions.ports.OrderRepository. Every method sees what was written before it was called."""

    items: Items

    def add(self, order: Order, events: Sequence[Event], key: IdempotencyRecord | None) -> Order:
        """One call, unless the key is known. A batch whose answer was lost is recognised by the order's first event."""
        writes = [create(layout.order(order.order_id), _fields(order)), *map(_event_write, events)]
        try:
            self.items.write(_partition(order.tenant), [*writes, *([_remember(key, order, None)] if key else [])])
        except ConflictError:
            order_id = self.items.transact(lambda: self._add_as_found(order, events[0], writes, key))
            return order if order_id == order.order_id else self.get(order.tenant, order_id)
        return order

    def get(self, tenant: str, order_id: str) -> Order:
        item = self.items.get(_partition(tenant), layout.order(order_id))
        if item is None:
            raise NotFoundError(f"there is no order {order_id}")
        return decode_order(_bytes(item))

    def append(self, order: Order, events: Sequence[Event]) -> None:
        """One call, for one event at least: creating that of the next version is what compares the version."""
        writes = [replace(layout.order(order.order_id), _fields(order)), *map(_event_write, events)]
        try:
            self.items.write(_partition(order.tenant), writes)
        except ConflictError:
            before = order.version - len(events)
            raise VersionConflictError(
                f"order {order.order_id} is no longer at version {before}: read it again"
            ) from None

    def timeline(self, tenant: str, order_id: str) -> tuple[Event, ...]:
        found = self.items.find(
            _partition(tenant),
            'SELECT VALUE c.body FROM c WHERE c.kind = "event" AND c.order_id = @order_id',
            {"order_id": order_id},
        )
        if not found:
            raise NotFoundError(f"there is no order {order_id}")
        events = (decode_event(body.encode()) for body in found)
        return tuple(sorted(events, key=lambda event: event.version))

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        conditions, order, values = ['c.kind = "order"'], "c.position DESC", dict[str, str]()
        if status:
            conditions, order = [*conditions, "c.status = @status"], f"c.status ASC, {order}"
            values["status"] = status.value
        if after:
            conditions.append("c.position < @after")
            values["after"] = _position(after.placed_at, after.order_id)
        query = f"SELECT VALUE c.body FROM c WHERE {' AND '.join(conditions)} ORDER BY {order}"  # noqa: S608
        found = self.items.find(_partition(tenant), query, values, limit=limit + 1)
        orders = tuple(decode_order(body.encode()) for body in found)
        return Page.of(orders, limit)

    def forget_keys(self, now: datetime) -> None:
        """Nothing: Cosmos DB shows no key that has expired, and deletes it some time after."""

    def stale(self, status: OrderStatus, placed_before: datetime, limit: int) -> tuple[Order, ...]:
        found = self.items.find_everywhere(
            "SELECT VALUE c.body FROM c WHERE c.status = @status AND c.position < @before"
            " ORDER BY c.status ASC, c.position ASC",
            {"status": status.value, "before": layout.moment(placed_before)},
            limit=limit,
        )
        return tuple(decode_order(body.encode()) for body in found)

    def _add_as_found(self, order: Order, first: Event, writes: Sequence[Write], key: IdempotencyRecord | None) -> str:
        """The id of the order that was placed, or of the one that the key made before."""
        event_id, key_id = _event_id(first), layout.single(layout.KEY, key.key) if key else ""
        found = self.items.get_all(_partition(order.tenant), [event_id, *([key_id] if key else [])])
        if event_id in found and found[event_id][layout.BODY] == _text(first):
            return order.order_id
        known = found.get(key_id)
        if key and known and known["expires_at"] > layout.moment(order.placed_at):
            return _earlier_order_id(key, known)
        self.items.write(_partition(order.tenant), [*writes, *([_remember(key, order, known)] if key else [])])
        return order.order_id


def _partition(tenant: str) -> str:
    return layout.item_id(tenant)


def _position(placed_at: datetime, order_id: str) -> str:
    """Sorts as (placed_at, order_id) does, and behind the moment alone."""
    return f"{layout.moment(placed_at)} {order_id}"


def _remember(record: IdempotencyRecord, order: Order, expired: Item | None) -> Write:
    """Takes the place of a key that has expired by our clock and not yet by that of Cosmos DB."""
    fields = {
        layout.KIND: layout.KEY,
        "order_id": record.order_id,
        "body_sha256": record.body_sha256,
        "expires_at": layout.moment(record.expires_at),
        # Of whole seconds, and one at least; a key is rather kept for a part of a second too long.
        "ttl": max(1, math.ceil((record.expires_at - order.placed_at).total_seconds())),
    }
    return change(expired, fields) if expired else create(layout.single(layout.KEY, record.key), fields)


def _earlier_order_id(key: IdempotencyRecord, known: Item) -> str:
    order_id = str(known["order_id"])
    key.check(body_sha256=known["body_sha256"], order_id=order_id)
    return order_id


def _fields(order: Order) -> dict[str, Any]:
    return {
        layout.KIND: layout.ORDER,
        "order_id": order.order_id,
        "status": order.status.value,
        "version": order.version,
        "position": _position(order.placed_at, order.order_id),
        layout.BODY: encode_order(order).decode(),
    }


def _event_id(event: Event) -> str:
    return layout.event(event.order_id, event.version)


def _event_write(event: Event) -> Write:
    return create(_event_id(event), {layout.KIND: layout.EVENT, "order_id": event.order_id, layout.BODY: _text(event)})


def _text(event: Event) -> str:
    return encode_event(event).decode()


def _bytes(item: Item) -> bytes:
    return str(item[layout.BODY]).encode()
