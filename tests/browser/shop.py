"""The running shop that the browser looks at: orders are placed as a client places them, messages die as they do."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from functions.codec import decode_event, encode_event
from functions.domain.events import Event
from tests.e2e.api import Api
from tests.local_system import UNTHROTTLED, Running, declare, started

MAX_RECEIVES = 5
STALL_SECONDS = 4
"""Long enough to be seen on a busy machine, and three times within what the browser waits for."""


@contextmanager
def impatient(folder: Path) -> Iterator[Running]:
    """A system in which a step that works with the stock and stalls is tried again soon."""
    home = declare(folder / "home", api=UNTHROTTLED)
    (path,) = (home.declarations / "function").glob("inventory-tasks*")
    path.write_text(json.dumps({**json.loads(path.read_text()), "timeout_seconds": STALL_SECONDS}))
    with started(home, folder / "run-time.log") as system:
        yield system


def place(system: Running, method: str = "sandbox-approve", *, sku: str = "TEAPOT-BLUE") -> str:
    """The id of the order."""
    items = [
        {"sku": sku, "quantity": 1, "unit_price_minor": 3499},
        {"sku": "CUP-BLUE", "quantity": 2, "unit_price_minor": 999},
    ]
    return Api(system.url, system.token(), None, "").place(payment_method=method, items=items)


def send_malformed(system: Running, message_id: str, body: bytes, *, queue: str = "fulfilment") -> None:
    """A message that its consumer can make nothing of: it dies at its first receive, and would again."""
    _insert(system, queue, message_id, body, receives=0, receipt=None)


def send_unacknowledged(system: Running, event: Event, *, queue: str = "fulfilment") -> None:
    """A sound message whose consumer never said that it was done: it dies, and sent back it is handled."""
    _insert(system, queue, event.id, encode_event(event), receives=MAX_RECEIVES, receipt="of a consumer that hung")


def _insert(system: Running, queue: str, message_id: str, body: bytes, *, receives: int, receipt: str | None) -> None:
    now = round(time.time() * 1000)
    with closing(sqlite3.connect(system.home.database, isolation_level=None, timeout=10)) as connection:
        connection.execute(
            "INSERT INTO messages (queue, id, body, attributes, enqueued_at_ms, visible_at_ms, receive_count, receipt)"
            " VALUES (?, ?, ?, '{}', ?, ?, ?, ?)",
            (queue, message_id, body, now, now, receives, receipt),
        )


def placed_event(system: Running, order_id: str) -> Event:
    with closing(sqlite3.connect(system.home.database, timeout=10)) as connection:
        row = connection.execute("SELECT body FROM events WHERE order_id = ? AND version = 1", (order_id,)).fetchone()
    return decode_event(row[0])
