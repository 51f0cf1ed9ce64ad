"""The files of a small shop at rest in which every promise was kept, written down by hand, one row at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos import audit, books
from chaos.clients import Accepted
from chaos.plan import INITIAL_UNITS, Planned
from local_runtime.schema import read

LINES = [{"sku": "TEAPOT", "quantity": 2, "unit_price_minor": 500}]
PAID = ("placed", "reserved", "payment_started", "paid")
DONE = (*PAID, "stock_committed", "confirmation_sent", "warehouse_notified", "fulfilled")
UNDONE = (*PAID, "stock_committed", "confirmation_sent", "undoing_started", "restocked", "refunded", "failed")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """An order, what happened to it, and what of it is written elsewhere."""

    order_id: str
    kind: str
    method: str
    events: Sequence[str]
    reservation: str | None
    run: str
    cancellation: int | None = None

    @property
    def status(self) -> str:
        return next(event for event in self.events if event.upper() in books.ENDS).upper()


SAMPLES = (
    Sample(
        order_id="ord_1",
        kind="approved",
        method="sandbox-approve",
        events=DONE,
        reservation="committed",
        run="succeeded",
    ),
    Sample(
        order_id="ord_2",
        kind="unshippable",
        method="sandbox-approve",
        events=UNDONE,
        reservation="restocked",
        run="failed",
    ),
    Sample(
        order_id="ord_3",
        kind="cancelled",
        method="sandbox-approve",
        events=("placed", "reserved", "cancelled", "released"),
        reservation="released",
        run="failed",
        cancellation=202,
    ),
    Sample(
        order_id="ord_4",
        kind="too dear",
        method="sandbox-approve",
        events=("placed", "rejected"),
        reservation=None,
        run="rejected",
    ),
)


class Shop:
    """A test spoils what it wants to, and reads what the audit makes of it."""

    def __init__(self, folder: Path) -> None:
        self.database, self.archive = folder / "orders.sqlite", folder / "archive"
        self.accepted = [_accepted(sample) for sample in SAMPLES]

    def open(self) -> None:
        """Write it all down."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.executescript(read("local_runtime/schema.sql") + read("functions/adapters/local/schema.sql"))
        for sample in SAMPLES:
            self._write(sample)
        self.do("INSERT INTO stock VALUES ('TEAPOT', ?, 0, 2)", INITIAL_UNITS - 2)
        self.do("INSERT INTO demand VALUES ('TEAPOT', ?)", 2 * len(SAMPLES))
        self.do("INSERT INTO feed_cursors SELECT 'orders', max(position) FROM change_feed")

    def do(self, statement: str, *values: object) -> None:
        """Foreign keys are not looked at, as by whatever it is that damages files."""
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(statement, values)

    def violations(self) -> list[str]:
        return audit.violations(books.read(self.database, self.archive), self.accepted)

    def archived(self, name: str) -> Path:
        return self.archive / "2026" / "01" / "02" / f"{name}.json"

    def _write(self, sample: Sample) -> None:
        order: dict[str, object] = {
            "order_id": sample.order_id,
            "tenant": "north",
            "status": sample.status,
            "lines": LINES,
        }
        order |= {"version": len(sample.events), "payment_method": sample.method}
        self.do(
            "INSERT INTO orders VALUES (?, 'north', ?, ?, 0, ?)",
            sample.order_id,
            sample.status,
            len(sample.events),
            json.dumps(order).encode(),
        )
        for version, event in enumerate(sample.events, start=1):
            self._write_event(sample, version, event)
        self._write_partners(sample)
        self.do("INSERT INTO idempotency_keys VALUES ('north', ?, '', ?, 0)", _key(sample), sample.order_id)
        self.do("INSERT INTO demand_events VALUES (?)", f"{sample.order_id}:1")
        self.do("INSERT OR IGNORE INTO saga_definitions VALUES ('d', '{}')")
        self.do(
            "INSERT INTO saga_runs (workflow, run_id, definition, data, status, started_at_ms)"
            " VALUES ('order', ?, 'd', '{}', ?, 0)",
            sample.order_id,
            sample.run,
        )

    def _write_event(self, sample: Sample, version: int, event: str) -> None:
        details: Mapping[str, Any] = {"lines": LINES} if event == "placed" else {}
        details = {"payment_id": f"pay_{sample.order_id}"} if event == "paid" else details
        document = {"order_id": sample.order_id, "version": version, "type": f"order.{event}", "details": details}
        body = json.dumps(document).encode()
        self.do("INSERT INTO events VALUES (?, ?, ?)", sample.order_id, version, body)
        path = self.archived(f"{sample.order_id}-{version}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        if event.upper() in books.ENDS:
            self._tell(sample, f"{sample.order_id}:{version}", audit.TOLD_AT_THE_END[event.upper()])
        if event == "confirmation_sent":
            self._tell(sample, f"{sample.order_id}:send-confirmation", audit.CONFIRMED)

    def _tell(self, sample: Sample, key: str, subject: str) -> None:
        self.do("INSERT INTO inbox VALUES (?, 'north', ?, ?)", key, sample.order_id, subject)

    def _write_partners(self, sample: Sample) -> None:
        payment = {"payment_id": f"pay_{sample.order_id}"}
        if sample.reservation:
            self.do("INSERT INTO reservations VALUES (?, ?, x'')", sample.order_id, sample.reservation)
        if "paid" in sample.events:
            self.enter(f"charge:{sample.order_id}:process-payment", payment)
        if "refunded" in sample.events:
            self.enter(f"refund:{sample.order_id}:process-payment", payment)
        if sample.status == "FULFILLED":
            self.enter(f"shipment:{sample.order_id}", {"units": 2})

    def enter(self, key: str, entry: Mapping[str, object]) -> None:
        """Into the partners' ledger."""
        self.do("INSERT INTO ledger VALUES (?, ?)", key, json.dumps(entry).encode())


def _key(sample: Sample) -> str:
    return f"key-of-{sample.order_id}"


def _accepted(sample: Sample) -> Accepted:
    planned = Planned(
        number=1,
        kind=sample.kind,
        tenant="north",
        key=_key(sample),
        method=sample.method,
        units=(("TEAPOT", 2),),
        price_minor=500,
        repeats=0,
    )
    return Accepted(planned=planned, order_id=sample.order_id, cancellation=sample.cancellation)
