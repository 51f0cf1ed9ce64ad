"""Orders in DynamoDB: the order, its events and the client's key in one transaction; the stream is the outbox."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby, islice

from functions.adapters.aws import keys
from functions.adapters.aws.keys import Item, number, text
from functions.adapters.aws.table import MAX_BATCH, ConditionFailedError, Table, Write, put, put_new
from functions.codec import decode_event, decode_order, encode_event, encode_order
from functions.domain.errors import NotFoundError, VersionConflictError
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
from functions.ports import IdempotencyRecord, Page, PagePosition


@dataclass(frozen=True)
class DynamoOrders:
    """A functions.ports.OrderRepository. What is a tenant's is read and written inside `signed_for(tenant)`.

    A page comes from an index, which shows a change a moment after it was made; `get` and `timeline` show it at once.
    """

    table: Table
    signed_for: Callable[[str], AbstractContextManager[None]]

    def add(self, order: Order, events: Sequence[Event], key: IdempotencyRecord | None) -> Order:
        """One call, also to find out that the key is known: the refused transaction shows what the key was used for."""
        writes = [*([_remember(key, order.placed_at)] if key else []), put_new(_order_item(order))]
        with self.signed_for(order.tenant):
            try:
                self.table.transact([*writes, *_event_writes(events)])
            except ConditionFailedError as refused:
                if key is None or 0 not in refused.found:
                    raise
                earlier = _earlier_order_id(key, refused.found[0])
            else:
                return order
        return self.get(order.tenant, earlier)

    def get(self, tenant: str, order_id: str) -> Order:
        with self.signed_for(tenant):
            item = self.table.get(keys.order_key(tenant, order_id))
        if item is None:
            raise NotFoundError(f"there is no order {order_id}")
        return _order(item)

    def append(self, order: Order, events: Sequence[Event]) -> None:
        before = order.version - len(events)
        change = put(_order_item(order), only_if="version = :before", values={":before": number(before)})
        with self.signed_for(order.tenant):
            try:
                self.table.transact([change, *_event_writes(events)])
            except ConditionFailedError:
                raise VersionConflictError(
                    f"order {order.order_id} is no longer at version {before}: read it again"
                ) from None

    def timeline(self, tenant: str, order_id: str) -> tuple[Event, ...]:
        with self.signed_for(tenant):
            items = self.table.begins_with(keys.order_key(tenant, order_id), keys.EVENTS)
            events = tuple(decode_event(_body(item)) for item in items)
        if not events:
            raise NotFoundError(f"there is no order {order_id}")
        return events

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        with self.signed_for(tenant):
            newest_first = self._newest_first(tenant, [status] if status else list(OrderStatus), limit + 1, after)
            orders = tuple(islice(newest_first, limit + 1))
        return Page.of(orders, limit)

    def forget_keys(self, now: datetime) -> None:
        """Nothing: DynamoDB deletes a key some time after it has expired, and until then it counts as gone."""

    def stale(self, status: OrderStatus, placed_before: datetime, limit: int) -> tuple[Order, ...]:
        """Open ones: an order that has ended is never stale. Which status an order is in, the table itself says."""
        found = (order for order in self._open_before(placed_before, limit) if order.status is status)
        return tuple(islice(found, limit))

    def _newest_first(
        self, tenant: str, statuses: Sequence[OrderStatus], page: int, after: PagePosition | None
    ) -> Iterator[Order]:
        """One query for each status, in the order of an order's life: one that moves on meanwhile is not passed by.

        It may then be seen twice, and the later version is taken.
        """
        position = keys.placed_position(after.placed_at, after.order_id) if after else None
        streams = [
            self.table.before(
                keys.BY_STATUS, keys.status_partition(tenant, status), position, newest_first=True, page=page
            )
            for status in statuses
        ]
        merged = merge(*streams, key=_status_position, reverse=True)
        return (_order(max(sightings, key=_version)) for _, sightings in groupby(merged, key=_status_position))

    def _open_before(self, moment: datetime, page: int) -> Iterator[Order]:
        position = keys.placed_position(moment)
        streams = [
            self.table.before(keys.OPEN, keys.open_partition(shard), position, newest_first=False, page=page)
            for shard in range(keys.SHARDS)
        ]
        oldest_first = merge(*streams, key=_open_position)
        while batch := list(islice(oldest_first, MAX_BATCH)):
            items = self.table.get_all([{"pk": item["pk"], "sk": item["sk"]} for item in batch])
            yield from sorted(map(_order, items), key=lambda order: (order.placed_at, order.order_id))


def _remember(record: IdempotencyRecord, now: datetime) -> Write:
    """Takes the place of a key that has expired and that DynamoDB has not come to delete yet."""
    item = {
        **keys.idempotency_key(record),
        "kind": text("key"),
        "body_sha256": text(record.body_sha256),
        "order_id": text(record.order_id),
        # DynamoDB takes whole seconds; a key is rather kept for a part of a second too long.
        "expires_at": number(math.ceil(record.expires_at.timestamp())),
    }
    return put(
        item,
        only_if="attribute_not_exists(pk) OR expires_at <= :now",
        values={":now": number(math.floor(now.timestamp()))},
    )


def _earlier_order_id(key: IdempotencyRecord, known: Item) -> str:
    order_id = str(known["order_id"]["S"])
    key.check(body_sha256=known["body_sha256"]["S"], order_id=order_id)
    return order_id


def _order_item(order: Order) -> Item:
    return {
        **keys.order_key(order.tenant, order.order_id),
        **keys.index_keys(order),
        "kind": text("order"),
        "status": text(order.status),
        "version": number(order.version),
        "body": text(encode_order(order).decode()),
    }


def _event_writes(events: Sequence[Event]) -> list[Write]:
    return [
        put_new(
            {
                **keys.event_key(event.tenant, event.order_id, event.version),
                "kind": text("event"),
                "body": text(encode_event(event).decode()),
            }
        )
        for event in events
    ]


def _order(item: Item) -> Order:
    return decode_order(_body(item))


def _body(item: Item) -> bytes:
    return str(item["body"]["S"]).encode()


def _version(item: Item) -> int:
    return int(item["version"]["N"])


def _status_position(item: Item) -> str:
    return str(item["gsi1sk"]["S"])


def _open_position(item: Item) -> str:
    return str(item["gsi2sk"]["S"])
