"""The ports in memory. They pass the same conformance suites as the adapters, so that what they let pass is real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.domain.errors import (
    KeyReusedError,
    NotFoundError,
    NotOpenError,
    OutOfStockError,
    VersionConflictError,
)
from functions.domain.events import Event, Json
from functions.domain.order import Line, Order, OrderStatus
from functions.ports import IdempotencyRecord, Page, PagePosition
from tests.unit.functions.orders import NOON


@dataclass
class HandMovedClock:
    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment

    def advance(self, **time: float) -> None:
        self.moment += timedelta(**time)


@dataclass
class MemoryOrders:
    """`before_append` runs before each append and sees what is about to be stored: the place for races."""

    stored: dict[str, Order] = field(default_factory=dict)
    events: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    keys: dict[tuple[str, str], IdempotencyRecord] = field(default_factory=dict)
    feed: list[Event] = field(default_factory=list)
    before_append: Callable[[Order], None] = lambda _: None

    def add(self, order: Order, events: Sequence[Event], key: IdempotencyRecord | None) -> Order:
        known = self.keys.get((key.tenant, key.key)) if key else None
        if key and known and known.expires_at > order.placed_at:
            if known.body_sha256 != key.body_sha256:
                raise KeyReusedError(f"key {key.key} was used with another body")
            return self.get(known.tenant, known.order_id)
        if key:
            self.keys[key.tenant, key.key] = key
        self._store(order, tuple(events))
        return order

    def get(self, tenant: str, order_id: str) -> Order:
        order = self.stored.get(order_id)
        if order is None or order.tenant != tenant:
            raise NotFoundError(f"there is no order {order_id}")
        return order

    def append(self, order: Order, events: Sequence[Event]) -> None:
        self.before_append(order)
        if self.stored[order.order_id].version != order.version - len(events):
            raise VersionConflictError(f"order {order.order_id} has moved on")
        self._store(order, tuple(events))

    def timeline(self, tenant: str, order_id: str) -> tuple[Event, ...]:
        self.get(tenant, order_id)
        return self.events[order_id]

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        end = (after.placed_at, after.order_id) if after else None
        rest = [
            order
            for order in sorted(self.stored.values(), key=_position, reverse=True)
            if order.tenant == tenant and status in (None, order.status) and (end is None or _position(order) < end)
        ]
        last = rest[limit - 1] if len(rest) > limit else None
        return Page(orders=tuple(rest[:limit]), next=_after(last))

    def forget_keys(self, now: datetime) -> None:
        self.keys = {name: key for name, key in self.keys.items() if key.expires_at > now}

    def stale(self, status: OrderStatus, placed_before: datetime, limit: int) -> tuple[Order, ...]:
        found = [order for order in self.stored.values() if order.status is status and order.placed_at < placed_before]
        return tuple(sorted(found, key=_position)[:limit])

    def _store(self, order: Order, events: tuple[Event, ...]) -> None:
        self.stored[order.order_id] = order
        self.events[order.order_id] = self.events.get(order.order_id, ()) + events
        self.feed.extend(events)


def _position(order: Order) -> tuple[datetime, str]:
    return order.placed_at, order.order_id


def _after(order: Order | None) -> PagePosition | None:
    return PagePosition(placed_at=order.placed_at, order_id=order.order_id) if order else None


@dataclass
class MemoryInventory:
    """Each SKU begins with `initial_units`; `free` is what is on hand and not reserved."""

    initial_units: int = 10
    free: dict[str, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    lines: dict[str, tuple[Line, ...]] = field(default_factory=dict)

    def reserve(self, order_id: str, lines: Sequence[Line]) -> None:
        state = self.states.get(order_id)
        if state in ("reserved", "committed"):
            return
        if state:
            raise NotOpenError(f"the reservation of order {order_id} is {state}")
        wanted = Counter[str]()
        for line in lines:
            wanted[line.sku] += line.quantity
        for sku, units in wanted.items():
            if self.left(sku) < units:
                raise OutOfStockError(f"{sku} is out of stock")
        for sku, units in wanted.items():
            self.free[sku] = self.left(sku) - units
        self.states[order_id], self.lines[order_id] = "reserved", tuple(lines)

    def release(self, order_id: str) -> bool:
        if self.states.get(order_id) == "reserved":
            self._give_back(order_id, "released")
        return self.states.setdefault(order_id, "refused") == "released"

    def commit(self, order_id: str) -> None:
        if self.states.get(order_id) not in ("reserved", "committed"):
            raise NotOpenError(f"order {order_id} holds nothing")
        self.states[order_id] = "committed"

    def restock(self, order_id: str) -> bool:
        if self.states.get(order_id) in ("reserved", "committed"):
            self._give_back(order_id, "restocked" if self.states[order_id] == "committed" else "released")
        return self.states.setdefault(order_id, "refused") == "restocked"

    def left(self, sku: str) -> int:
        return self.free.get(sku, self.initial_units)

    def _give_back(self, order_id: str, state: str) -> None:
        for line in self.lines[order_id]:
            self.free[line.sku] = self.left(line.sku) + line.quantity
        self.states[order_id] = state


@dataclass
class MemoryLedger:
    entries: dict[str, Mapping[str, Json]] = field(default_factory=dict)
    counters: Counter[str] = field(default_factory=Counter)

    def record_once(self, key: str, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        return self.entries.setdefault(key, dict(entry))

    def find(self, key: str) -> Mapping[str, Json] | None:
        return self.entries.get(key)

    def count(self, key: str) -> int:
        self.counters[key] += 1
        return self.counters[key]


@dataclass
class MemoryCustomer:
    inbox: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def tell(self, *, key: str, tenant: str, order_id: str, subject: str) -> None:
        self.inbox.setdefault(key, (tenant, order_id, subject))


@dataclass
class MemoryDemand:
    units: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)

    def record(self, event_id: str, units: Mapping[str, int]) -> None:
        if event_id not in self.seen:
            self.seen.add(event_id)
            self.units.update(units)


@dataclass
class MemoryWorkflow:
    runs: dict[str, Mapping[str, Json]] = field(default_factory=dict)

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        is_new = run_id not in self.runs
        self.runs.setdefault(run_id, dict(data))
        return is_new


@dataclass
class MemoryPublisher:
    published: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        self.published.extend(events)


@dataclass
class MemoryArchive:
    kept: dict[str, bytes] = field(default_factory=dict)

    def put(self, event_id: str, occurred_at: datetime, body: bytes) -> None:
        self.kept[event_id] = body


@dataclass
class MemoryOpsChannel:
    notified: dict[str, Mapping[str, Json]] = field(default_factory=dict)

    def notify(self, *, key: str, message: Mapping[str, Json]) -> None:
        self.notified.setdefault(key, message)
