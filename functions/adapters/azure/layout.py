"""Where each item lies in Cosmos DB, and the indexes that its queries need.

| container | partition | id | fields |
|---|---|---|---|
| orders | tenant | order-{order} | kind, order_id, status, version, position, body |
| | | event-{order}-{version} | kind, order_id, body; what the relay is told of |
| | | key-{key} | kind, order_id, body_sha256, expires_at, ttl |
| inventory | stock | stock-{sku} | sku, available, reserved, sold |
| | | reservation-{order} | phase, lines, ttl |
| demand | demand | units-{sku} | sku, units |
| | | event-{event} | ttl |
| ledger | its id | entry-{key}, counter-{key} | body; calls |
| messages | its id | message-{key} | tenant, order_id, subject |
| runs | its id | run-{run} | started, owner, lease_until, ttl |

Cosmos DB has transactions within a partition alone, up to 100 writes and 2 MB each; so what changes together lies
together. An order, its events and its key are their tenant's. All stock is in one partition, and so is all demand: the
99 articles of an order and its reservation are just one transaction. The other way, a partition for each SKU, would
need a journal, an undo, and somebody to finish what was cut off, for nothing that a shop of this size would notice:
a partition takes 10,000 RU/s (5,000 without provisioned capacity), of which a small write costs about ten, and 20 GB,
of which a reservation takes less than 1 KB until it is REMEMBERED no more. A tenant has those same 20 GB, some millions
of orders; whoever outgrows one or the other has to divide the partition (by warehouse, by year) and move the items.

Moments are text, by `moment`, that sorts as time does. An id is made by `item_id`, and what it begins with says what it
is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["ascending", "descending"]
Composite: TypeAlias = tuple[tuple[str, Direction], ...]

CONSISTENCY = "Strong"
"""Of the account. Functions hand work to each other and have no session in common: with any weaker level the one that
is called may not see what its caller wrote, and refuse an order as one that is not there."""

ORDERS, INVENTORY, DEMAND, LEDGER, MESSAGES, RUNS = "orders", "inventory", "demand", "ledger", "messages", "runs"
LEASES = "leases"
"""The change feed's own, partitioned by id."""

KIND, BODY = "kind", "body"
"""Fields: what an item of `orders` is, and its JSON as text."""
ORDER, EVENT, KEY = "order", "event", "key"
"""The kinds."""

STOCK = "stock"
"""The one partition of `inventory`; that of `demand` has the container's name."""

REMEMBERED = timedelta(days=90)
"""How long it is known that something was done, so that it is not done again: far longer than any message lives."""


@dataclass(frozen=True, kw_only=True)
class Container:
    """Only the fields that are `indexed` are; an item of one that `expires` may have a `ttl` in seconds."""

    name: str
    partition_key: str
    indexed: tuple[str, ...] = ()
    composites: tuple[Composite, ...] = ()
    expires: bool = False


CONTAINERS = (
    Container(
        name=ORDERS,
        partition_key="/tenant",
        indexed=("/tenant/?", "/kind/?", "/order_id/?", "/status/?", "/position/?"),
        composites=(
            (("/status", "ascending"), ("/position", "ascending")),
            (("/status", "ascending"), ("/position", "descending")),
        ),
        expires=True,
    ),
    Container(name=INVENTORY, partition_key="/partition", indexed=("/partition/?",), expires=True),
    Container(name=DEMAND, partition_key="/partition", indexed=("/partition/?",), expires=True),
    Container(name=LEDGER, partition_key="/id"),
    Container(name=MESSAGES, partition_key="/id"),
    Container(name=RUNS, partition_key="/id", expires=True),
)
_KEYS = {each.name: each.partition_key.removeprefix("/") for each in CONTAINERS}

MAX_ID_BYTES = 1023
"""Of an item's id (learn.microsoft.com/azure/cosmos-db/concepts-limits)."""
_LONGEST_AFFIXES = 20
_OTHERS = re.compile(rb"[^A-Za-z0-9_-]")


def key_of(container: str) -> str:
    """The field that says to which partition an item of the container belongs."""
    return _KEYS[container]


def item_id(text: str) -> str:
    """What ids and partition keys are made of: letters, digits, `-`, `_` and `~`, another one for every other text.

    Cosmos DB allows more, and advises against it: some of its clients write it into addresses. What would be too long
    is known by its digest: `~~` begins nothing that was merely written otherwise.
    """
    written = _OTHERS.sub(lambda found: f"~{found[0][0]:02X}".encode(), text.encode()).decode()
    if len(written) > MAX_ID_BYTES - _LONGEST_AFFIXES:
        return f"~~{sha256(text.encode()).hexdigest()}"
    return written


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def order(order_id: str) -> str:
    return f"order-{item_id(order_id)}"


def event(order_id: str, version: int) -> str:
    return f"event-{item_id(order_id)}-{version:06}"


def single(kind: str, key: str) -> str:
    return f"{kind}-{item_id(key)}"
