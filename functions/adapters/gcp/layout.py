"""Where each document lies in Firestore, and the indexes that its queries need.

users/{tenant}/orders/{order}                  body, status, placed_at
users/{tenant}/orders/{order}/events/{version} body; what the relay is told of
users/{tenant}/keys/{key}                      body_sha256, order_id, expires_at
stock/{sku}                                    available, reserved, sold
reservations/{order}                           phase, lines
demand/{sku}, demand_events/{event}            units; nothing
ledger/{key}, counters/{key}                   body; calls
messages/{key}                                 tenant, order_id, subject
runs/{run}                                     started, lease_until, expires_at

An order's lines are in its body: an order is read whole, and 99 lines are a small part of a document's 1 MiB. Paths
are `/`-separated, as Firestore has them; every id in them went through `document_id`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, TypeAlias
from urllib.parse import quote

Direction: TypeAlias = Literal["ASCENDING", "DESCENDING"]
Scope: TypeAlias = Literal["COLLECTION", "COLLECTION_GROUP"]


@dataclass(frozen=True, kw_only=True)
class Index:
    """A composite index, which a query over more than one field needs."""

    collection: str
    fields: tuple[tuple[str, Direction], ...]
    scope: Scope


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """A field without the index that Firestore makes by itself; after the moment in one that `expires` it deletes."""

    collection: str
    field: str
    expires: bool = False


ORDERS, EVENTS, KEYS, RUNS = "orders", "events", "keys", "runs"
RESERVATIONS, STOCK, LEDGER, COUNTERS = "reservations", "stock", "ledger", "counters"
DEMAND, DEMAND_EVENTS, MESSAGES = "demand", "demand_events", "messages"

EVENT_DOCUMENTS = "users/{tenant}/orders/{order}/events/{event}"
"""The pattern of the documents that the change feed reports."""

INDEXES = (
    Index(collection=ORDERS, fields=(("status", "ASCENDING"), ("placed_at", "DESCENDING")), scope="COLLECTION"),
    Index(collection=ORDERS, fields=(("status", "ASCENDING"), ("placed_at", "ASCENDING")), scope="COLLECTION_GROUP"),
)

EXEMPTIONS = (
    Exemption(collection=ORDERS, field="body"),
    Exemption(collection=EVENTS, field="body"),
    Exemption(collection=LEDGER, field="body"),
    Exemption(collection=RESERVATIONS, field="lines"),
    Exemption(collection=KEYS, field="expires_at", expires=True),
    Exemption(collection=RUNS, field="expires_at", expires=True),
)

MAX_ID_BYTES = 1500
"""Of a document's id (firebase.google.com/docs/firestore/quotas)."""
_RESERVED = re.compile(r"\.|\.\.|__.*__", re.DOTALL)


def document_id(text: str) -> str:
    """An id that Firestore takes, another one for every other text, and itself for what we make ids of.

    What would be too long is known by its digest: `%~` begins nothing that was merely quoted.
    """
    quoted = quote(text, safe=" !$&'()*+,;:=@")
    if _RESERVED.fullmatch(quoted):
        quoted = f"%{ord(quoted[0]):02X}{quoted[1:]}"
    if len(quoted) > MAX_ID_BYTES:
        return f"%~{sha256(text.encode()).hexdigest()}"
    return quoted or "%"


def orders(tenant: str) -> str:
    """The collection of a tenant's orders."""
    return f"users/{document_id(tenant)}/{ORDERS}"


def order(tenant: str, order_id: str) -> str:
    return f"{orders(tenant)}/{document_id(order_id)}"


def events(tenant: str, order_id: str) -> str:
    """The collection of an order's events."""
    return f"{order(tenant, order_id)}/{EVENTS}"


def event(tenant: str, order_id: str, version: int) -> str:
    """Ids sort as the versions do."""
    return f"{events(tenant, order_id)}/{version:06}"


def idempotency_key(tenant: str, key: str) -> str:
    return f"users/{document_id(tenant)}/{KEYS}/{document_id(key)}"


def single(collection: str, key: str) -> str:
    """A document of a collection that is nobody's in particular."""
    return f"{collection}/{document_id(key)}"
