"""Orders in Firestore: the order, its events and the client's key in one commit; what is created is the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud.firestore import FieldFilter, Query

from functions.adapters.gcp import layout
from functions.adapters.gcp.documents import Document, Documents, ExistsError, Write, change, create, update
from functions.codec import decode_event, decode_order, encode_event, encode_order
from functions.domain.errors import NotFoundError, VersionConflictError
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
from functions.ports import IdempotencyRecord, Page, PagePosition

_NAME = "__name__"
"""A document's path, which every query of Firestore is ordered by in the end."""


@dataclass(frozen=True)
class FirestoreOrders:
    """A functions.ports.OrderRepository. Every method sees what was written before it was called."""

    documents: Documents

    def add(self, order: Order, events: Sequence[Event], key: IdempotencyRecord | None) -> Order:
        """Two calls. A commit whose answer was lost is recognised by the order's first event."""
        writes = [create(layout.order(order.tenant, order.order_id), _fields(order)), *_event_writes(events)]
        paths = [_event_path(events[0]), *([layout.idempotency_key(key.tenant, key.key)] if key else [])]

        def place(documents: Documents) -> str:
            written, *known = documents.get_all(paths)
            if written and written["body"] == _text(events[0]):
                return order.order_id
            remembered = known[0] if known else None
            if key and remembered and remembered["expires_at"] > order.placed_at:
                return _earlier_order_id(key, remembered)
            documents.commit([*writes, *([_remember(key, remembered)] if key else [])])
            return order.order_id

        order_id = self.documents.transact(place)
        return order if order_id == order.order_id else self.get(order.tenant, order_id)

    def get(self, tenant: str, order_id: str) -> Order:
        document = self.documents.get(layout.order(tenant, order_id))
        if document is None:
            raise NotFoundError(f"there is no order {order_id}")
        return _order(document)

    def append(self, order: Order, events: Sequence[Event]) -> None:
        """One call, for one event at least: creating that of the next version is what compares the version.

        Who is merely in somebody's way tries again: of two appends at one version the other will find its event there.
        """
        writes = [update(layout.order(order.tenant, order.order_id), _fields(order)), *_event_writes(events)]

        def add(documents: Documents) -> None:
            try:
                documents.commit(writes)
            except ExistsError:
                before = order.version - len(events)
                raise VersionConflictError(
                    f"order {order.order_id} is no longer at version {before}: read it again"
                ) from None

        self.documents.transact(add)

    def timeline(self, tenant: str, order_id: str) -> tuple[Event, ...]:
        events = self.documents.client.collection(layout.events(tenant, order_id)).order_by(_NAME)
        found = tuple(decode_event(document["body"].encode()) for document in self.documents.find(events))
        if not found:
            raise NotFoundError(f"there is no order {order_id}")
        return found

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        found = self.documents.find(self._newest_first(tenant, status, after).limit(limit + 1))
        orders = tuple(map(_order, found))
        return Page.of(orders, limit)

    def forget_keys(self, now: datetime) -> None:
        """Nothing: Firestore deletes a key some time after it has expired, and until then it counts as gone."""

    def stale(self, status: OrderStatus, placed_before: datetime, limit: int) -> tuple[Order, ...]:
        query = (
            self.documents.client.collection_group(layout.ORDERS)
            .where(filter=FieldFilter("status", "==", status.value))
            .where(filter=FieldFilter("placed_at", "<", placed_before))
            .order_by("placed_at")
            .limit(limit)
        )
        return tuple(map(_order, self.documents.find(query)))

    def _newest_first(self, tenant: str, status: OrderStatus | None, after: PagePosition | None) -> Query:
        query: Query = self.documents.client.collection(layout.orders(tenant)).order_by(
            "placed_at", direction=Query.DESCENDING
        )
        query = query.order_by(_NAME, direction=Query.DESCENDING)
        if status:
            query = query.where(filter=FieldFilter("status", "==", status.value))
        if after:
            query = query.start_after({"placed_at": after.placed_at, _NAME: layout.document_id(after.order_id)})
        return query


def _event_path(event: Event) -> str:
    return layout.event(event.tenant, event.order_id, event.version)


def _remember(record: IdempotencyRecord, expired: Document | None) -> Write:
    """Takes the place of a key that has expired and that Firestore has not come to delete yet."""
    fields = {"body_sha256": record.body_sha256, "order_id": record.order_id, "expires_at": record.expires_at}
    if expired:
        return change(expired, fields)
    return create(layout.idempotency_key(record.tenant, record.key), fields)


def _earlier_order_id(key: IdempotencyRecord, known: Document) -> str:
    order_id = str(known["order_id"])
    key.check(body_sha256=known["body_sha256"], order_id=order_id)
    return order_id


def _fields(order: Order) -> dict[str, Any]:
    return {
        "body": encode_order(order).decode(),
        "status": order.status.value,
        "placed_at": order.placed_at,
    }


def _event_writes(events: Sequence[Event]) -> list[Write]:
    return [create(_event_path(event), {"body": _text(event)}) for event in events]


def _text(event: Event) -> str:
    return encode_event(event).decode()


def _order(document: Document) -> Order:
    return decode_order(document["body"].encode())
