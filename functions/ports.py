"""What the services need from the outside; every target's adapters pass the same conformance suite.

Delivery is at least once everywhere, so every port that changes something takes a key and must be idempotent by it:
the same key again changes nothing more and gives the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from functions.domain.errors import KeyReusedError
from functions.domain.events import Event, Json
from functions.domain.order import Line, Order, OrderStatus


@dataclass(frozen=True, kw_only=True)
class IdempotencyRecord:
    """A client's key and what it was first used for; forgotten after `expires_at`."""

    tenant: str
    key: str
    body_sha256: str
    order_id: str
    expires_at: datetime

    def check(self, *, body_sha256: str, order_id: str) -> None:
        """Raises KeyReusedError if the key was first used for that order with another body than this one's."""
        if body_sha256 != self.body_sha256:
            raise KeyReusedError(
                f"idempotency key {self.key} was used for order {order_id} with another body:"
                " choose a new key for a new order"
            )


@dataclass(frozen=True, kw_only=True)
class PagePosition:
    """The place after which a page of orders goes on; stable while orders are added."""

    placed_at: datetime
    order_id: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """Orders newest first, and where the next page begins (None: this is the last)."""

    orders: tuple[Order, ...]
    next: PagePosition | None

    @classmethod
    def of(cls, found: Sequence[Order], limit: int) -> Self:
        """The first `limit` of what was found; one more says that there is a next page."""
        last = found[limit - 1] if len(found) > limit else None
        return cls(
            orders=tuple(found[:limit]),
            next=PagePosition(placed_at=last.placed_at, order_id=last.order_id) if last else None,
        )


class OrderRepository(Protocol):
    """Orders and their events, written together or not at all; the written events are the outbox."""

    def add(self, order: Order, events: Sequence[Event], key: IdempotencyRecord | None) -> Order:
        """Store a new order. A known key with the same body gives the order it made; another body: KeyReusedError."""
        ...

    def get(self, tenant: str, order_id: str) -> Order:
        """Raises NotFoundError, also for another tenant's order."""
        ...

    def append(self, order: Order, events: Sequence[Event]) -> None:
        """Store the order after `events`; VersionConflictError when it is no longer at the version before them."""
        ...

    def timeline(self, tenant: str, order_id: str) -> tuple[Event, ...]:
        """Every event of the order from version 1, without a gap."""
        ...

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        """The tenant's own orders, newest first; `limit` is 1 to 100."""
        ...

    def forget_keys(self, now: datetime) -> None:
        """Delete idempotency keys that have expired, on targets whose database does not do so by itself."""
        ...

    def stale(self, status: OrderStatus, placed_before: datetime, limit: int) -> tuple[Order, ...]:
        """Orders of every tenant in `status` since before that moment, oldest first."""
        ...


class EventPublisher(Protocol):
    def publish(self, events: Sequence[Event]) -> None:
        """Hand events to the bus; all or an error. Only the relay publishes, from the change feed."""
        ...


class WorkflowStarter(Protocol):
    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        """Start the order saga; False if a run with this id was started before.

        However many ask for a run, one starts it, and a start that failed can be asked for again: at least once. It is
        exactly once where the engine itself knows a run by its id (local, standard state machines; these may say True
        again while the run is under way). Elsewhere a run that is asked for again may be started again if it stayed
        open how its start went, because an answer was lost or a caller was cut off: by Workflows and express state
        machines always, by Durable Functions where it knows the run no more or both starts come in the same moment.
        Tasks are idempotent by their keys, so that a second run of an order finds done, or refused, what the first one
        did; once one of them undoes the order, neither completes it.
        """
        ...


class Inventory(Protocol):
    """Units on hand, reserved and sold. Every method is idempotent by order."""

    def reserve(self, order_id: str, lines: Sequence[Line]) -> None:
        """All lines or none; raises OutOfStockError, and NotOpenError after `release` or `restock`."""
        ...

    def release(self, order_id: str) -> bool:
        """Undo `reserve`; True if units were held. A `reserve` that comes later is refused. Sold units stay sold."""
        ...

    def commit(self, order_id: str) -> None:
        """Turn the reservation into a sale; NotOpenError when there is none."""
        ...

    def restock(self, order_id: str) -> bool:
        """Undo `commit`; True if units were sold, which are on hand again. A `commit` that comes later is refused."""
        ...


class PaymentGateway(Protocol):
    def charge(self, *, key: str, order_id: str, amount_minor: int, currency: str, method: str) -> str:
        """Take the money at most once per key and return the payment's id; PaymentDeclinedError also after `refund`."""
        ...

    def refund(self, *, key: str, charge_key: str) -> str | None:
        """Give back what `charge_key` took, at most once, and return that payment's id.

        None when it took nothing, and then it never will.
        """
        ...


class Warehouse(Protocol):
    def ship(self, *, key: str, order_id: str, lines: Sequence[Line]) -> None:
        """Ask for an order's shipment, once; NotOpenError after `cancel`."""
        ...

    def cancel(self, *, key: str, order_id: str) -> bool:
        """True if a shipment had been asked for; one that is asked for later is refused."""
        ...


class Customer(Protocol):
    """The customer's inbox (mail, push, whatever the shop uses)."""

    def tell(self, *, key: str, tenant: str, order_id: str, subject: str) -> None: ...


class OpsChannel(Protocol):
    def notify(self, *, key: str, message: Mapping[str, Json]) -> None:
        """Post to the operators' webhook."""
        ...


class Demand(Protocol):
    """A read model: how many units of each SKU customers ordered, whether they got them or not."""

    def record(self, event_id: str, units: Mapping[str, int]) -> None:
        """Add the units, once per event."""
        ...


class EventArchive(Protocol):
    def put(self, event_id: str, occurred_at: datetime, body: bytes) -> None: ...


class Ledger(Protocol):
    """Small facts that a sandbox partner remembers; on every target in the system's own database."""

    def record_once(self, key: str, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        """Store the entry unless the key is known; return what is stored."""
        ...

    def find(self, key: str) -> Mapping[str, Json] | None: ...

    def count(self, key: str) -> int:
        """Add one to a counter and return it: 1 the first time."""
        ...


class SecretStore(Protocol):
    def get(self, name: str, *, fresh: bool = False) -> str:
        """The secret's value, cached; `fresh` reads it again, which a caller asks for after a 401."""
        ...


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware moment in UTC, in whole milliseconds: the wire has no finer ones."""
        ...


class Ports(Protocol):
    """What a target brings along; each is made when it is first asked for."""

    @property
    def archive(self) -> EventArchive: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def customer(self) -> Customer: ...
    @property
    def demand(self) -> Demand: ...
    @property
    def inventory(self) -> Inventory: ...
    @property
    def ledger(self) -> Ledger: ...
    @property
    def orders(self) -> OrderRepository: ...
    @property
    def publisher(self) -> EventPublisher: ...
    @property
    def secrets(self) -> SecretStore: ...
    @property
    def workflow(self) -> WorkflowStarter: ...
