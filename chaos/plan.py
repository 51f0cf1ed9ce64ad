"""The orders that arrive: drawn from a seed, each with how it has to end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

CURRENCY = "EUR"
TENANTS = ("north", "south")
ARTICLES = tuple(f"ARTICLE-{letter}" for letter in "ABCDEFGH")
SCARCE = "LAST-ONES"
INITIAL_UNITS = 1_000
"""On hand of every SKU; the system that is harmed has to be configured with it."""
SCARCE_UNITS = 75
"""So many units of the scarce article are in each order for it: it runs out after thirteen of them."""
TOO_DEAR_MINOR = 20_000_000


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A way for an order to go: how often it is drawn, what it asks of the sandbox, and the ends that are right."""

    weight: int
    ends: frozenset[str]
    method: str = "sandbox-approve"
    sku: str = ""
    units: int = 0
    price_minor: int = 1_000
    is_cancelled: bool = False


FULFILLED, FAILED = frozenset({"FULFILLED"}), frozenset({"FAILED"})
KINDS = {
    "approved": Kind(weight=34, ends=FULFILLED),
    "declined": Kind(weight=10, ends=FAILED, method="sandbox-decline"),
    "payment fails twice": Kind(weight=8, ends=FULFILLED, method="sandbox-transient-2"),
    "answer of the payment lost": Kind(weight=8, ends=FULFILLED, method="sandbox-slow"),
    "payment is out": Kind(weight=4, ends=FAILED, method="sandbox-outage"),
    "stock fails twice": Kind(weight=6, ends=FULFILLED, sku="SANDBOX-TRANSIENT-2", units=1),
    "out of stock": Kind(weight=5, ends=FAILED, sku="SANDBOX-OUT-OF-STOCK", units=1),
    "unshippable": Kind(weight=7, ends=FAILED, sku="SANDBOX-UNSHIPPABLE", units=1),
    "runs out": Kind(weight=4, ends=FULFILLED | FAILED, sku=SCARCE, units=SCARCE_UNITS),
    "too dear": Kind(weight=4, ends=frozenset({"REJECTED"}), price_minor=TOO_DEAR_MINOR),
    "cancelled": Kind(weight=10, ends=frozenset({"CANCELLED", "FULFILLED"}), is_cancelled=True),
}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One order, as its client means it; `repeats` is how often it is sent again although it was accepted."""

    number: int
    kind: str
    tenant: str
    key: str
    method: str
    units: tuple[tuple[str, int], ...]
    price_minor: int
    repeats: int

    @property
    def ends(self) -> frozenset[str]:
        return KINDS[self.kind].ends

    @property
    def is_cancelled(self) -> bool:
        return KINDS[self.kind].is_cancelled

    @property
    def total_minor(self) -> int:
        return sum(units for _, units in self.units) * self.price_minor

    def body(self, *, method: str | None = None) -> bytes:
        items = [{"sku": sku, "quantity": units, "unit_price_minor": self.price_minor} for sku, units in self.units]
        document = {"currency": CURRENCY, "payment_method": method or self.method, "items": items}
        return json.dumps(document).encode()


def draw(random: Random, orders: int) -> Sequence[Planned]:
    """The same orders for the same seed. No article but the scarce one can run out."""
    names = list(KINDS)
    weights = [kind.weight for kind in KINDS.values()]
    return [_planned(random, number, name) for number, name in enumerate(random.choices(names, weights, k=orders))]


def _planned(random: Random, number: int, name: str) -> Planned:
    kind = KINDS[name]
    units = {ARTICLES[number % len(ARTICLES)]: random.randint(1, 2)} if kind.sku != SCARCE else {}
    if kind.sku:
        units[kind.sku] = kind.units
    return Planned(
        number=number,
        kind=name,
        tenant=random.choice(TENANTS),
        key=f"chaos-{number}-{random.randbytes(6).hex()}",
        method=kind.method,
        units=tuple(units.items()),
        price_minor=kind.price_minor,
        repeats=random.choice((0, 0, 0, 1, 2)),
    )
