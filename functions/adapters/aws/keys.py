"""Where each kind of item lies in the one table, and how an order's position in an index is written.

| kind | pk | sk |
|---|---|---|
| order | TENANT#<tenant>#ORDER#<id> | ORDER |
| event | TENANT#<tenant>#ORDER#<id> | EVENT#<version> |
| key | TENANT#<tenant>#KEY#<idempotency key> | KEY |
| stock, reservation, demand, ledger, counter, message, run | <KIND>#<name> | <KIND> |
| demand_event | DEMAND-EVENT#<event id> | DEMAND_EVENT |

gsi1 has a tenant's orders by status, gsi2 the open orders of all tenants, spread over SHARDS so that no partition is
hot; both are sorted by when the order was placed. What begins with a tenant is all that the tenant's role can reach.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, TypeAlias

from functions.domain.order import Order, OrderStatus
from functions.ports import IdempotencyRecord

Item: TypeAlias = dict[str, dict[str, Any]]
"""Attributes as DynamoDB writes them: {"pk": {"S": "..."}}."""

BY_STATUS = "gsi1"
"""Projects every attribute."""
OPEN = "gsi2"
"""Sparse, projects keys only."""
SHARDS = 8
EVENTS = "EVENT#"


def text(value: str) -> dict[str, Any]:
    return {"S": value}


def number(value: int) -> dict[str, Any]:
    return {"N": str(value)}


def item_key(kind: str, name: str) -> Item:
    """The key of an item that is alone in its partition."""
    return {"pk": text(f"{kind.upper().replace('_', '-')}#{name}"), "sk": text(kind.upper())}


def single(kind: str, name: str) -> Item:
    """An item that is alone in its partition, without its content."""
    return {**item_key(kind, name), "kind": text(kind)}


def order_key(tenant: str, order_id: str) -> Item:
    return {"pk": text(f"TENANT#{tenant}#ORDER#{order_id}"), "sk": text("ORDER")}


def event_key(tenant: str, order_id: str, version: int) -> Item:
    return {**order_key(tenant, order_id), "sk": text(f"{EVENTS}{version:06}")}


def idempotency_key(record: IdempotencyRecord) -> Item:
    return {"pk": text(f"TENANT#{record.tenant}#KEY#{record.key}"), "sk": text("KEY")}


def status_partition(tenant: str, status: OrderStatus) -> str:
    return f"TENANT#{tenant}#STATUS#{status}"


def open_partition(shard: int) -> str:
    return f"OPEN#{shard:02}"


def index_keys(order: Order) -> Item:
    """An order that has ended is in no open partition."""
    position = text(placed_position(order.placed_at, order.order_id))
    keys = {"gsi1pk": text(status_partition(order.tenant, order.status)), "gsi1sk": position}
    if not order.status.is_end:
        keys |= {"gsi2pk": text(open_partition(_shard(order.order_id))), "gsi2sk": position}
    return keys


def placed_position(placed_at: datetime, order_id: str = "") -> str:
    """Sorts as (placed_at, order_id) does; without an id, before every order of that millisecond."""
    milliseconds = round(placed_at.timestamp() * 1000)
    return f"{milliseconds:014}#{order_id}" if order_id else f"{milliseconds:014}"


def _shard(order_id: str) -> int:
    """The same in every process, which Python's own hash is not."""
    return hashlib.blake2b(order_id.encode(), digest_size=1).digest()[0] % SHARDS
