"""The audit can fail: whatever is spoilt in the files of a shop in which all is well, it is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.chaos.sound_books import Shop

Spoil = Callable[[Shop], object]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    Shop(folder).open()
    return folder


@pytest.fixture
def shop(sound: Path, tmp_path: Path) -> Shop:
    """A copy for each test to spoil."""
    return Shop(shutil.copytree(sound, tmp_path / "shop"))


def test_a_shop_in_which_all_is_well_has_no_violations(shop: Shop) -> None:
    assert shop.violations() == []


def sql(statement: str) -> Spoil:
    return lambda shop: shop.do(statement)


def order(order_id: str, **changed: object) -> Spoil:
    """The state alone, not the events."""

    def spoil(shop: Shop) -> None:
        for name, value in changed.items():
            shop.do(
                "UPDATE orders SET body = CAST(json_set(CAST(body AS TEXT), ?, json(?)) AS BLOB) WHERE order_id = ?",
                f"$.{name}",
                json.dumps(value),
                order_id,
            )

    return spoil


def event(version: int, *, like: int, row: int | None = None) -> Spoil:
    """The first order gets another event, which is one of its own once more."""
    return lambda shop: shop.do(
        "INSERT INTO events SELECT order_id, ?, CAST(json_set(CAST(body AS TEXT), '$.version', ?) AS BLOB) FROM events"
        " WHERE order_id = 'ord_1' AND version = ?",
        row or version,
        version,
        like,
    )


def entry(key: str, **entered: object) -> Spoil:
    return lambda shop: shop.enter(key, entered)


def told(order_id: str, subject: str) -> Spoil:
    return lambda shop: shop.do("INSERT INTO inbox VALUES ('again', 'north', ?, ?)", order_id, subject)


def forget_events_of_the_second_order(shop: Shop) -> None:
    shop.do("DELETE FROM events WHERE order_id = 'ord_2' AND version = 5")


def accept_another(shop: Shop) -> None:
    shop.accepted.append(replace(shop.accepted[0], order_id="ord_5"))


def answer_two_keys_with_one_order(shop: Shop) -> None:
    shop.accepted.append(shop.accepted[0])


def refuse_the_cancellation(shop: Shop) -> None:
    shop.accepted[2] = replace(shop.accepted[2], cancellation=409)


def archive_what_never_happened(shop: Shop) -> None:
    shop.archived("ord_1-99").write_bytes(b"{}")


def archive_twice(shop: Shop) -> None:
    again = shop.archive / "2026" / "01" / "03"
    again.mkdir()
    (again / "ord_1-1.json").write_bytes(shop.archived("ord_1-1").read_bytes())


def pay_another_way(prefix: str) -> Spoil:
    return lambda shop: shop.do(
        "UPDATE ledger SET entry = ? WHERE entry_key LIKE ?", b'{"payment_id": "pay_y"}', f"{prefix}%"
    )


MESSAGE = (
    "INSERT INTO messages (queue, id, body, attributes, enqueued_at_ms, visible_at_ms)"
    " VALUES ('analytics', 'ord_1:1', x'', '{}', 0, 0)"
)
DEAD_LETTER = (
    "INSERT INTO dead_letters (queue, id, body, attributes, enqueued_at_ms, receive_count, died_at_ms, reason)"
    " VALUES ('analytics', 'ord_1:1', x'', '{}', 0, 5, 0, 'why')"
)
DANGLING = "INSERT INTO saga_journal VALUES (99, 1, 'started', 'do', 'pay', 1, 0, '', '')"
SPOILT: dict[str, tuple[Spoil, str]] = {
    "an order is gone": (
        sql("DELETE FROM orders WHERE order_id = 'ord_1'"),
        "order ord_1 was answered 202 and does not exist",
    ),
    "an accepted order never was": (accept_another, "order ord_5 was answered 202 and does not exist"),
    "an order too many": (lambda shop: shop.accepted.pop(), "order ord_4 exists and nobody was told of it"),
    "one order for two keys": (answer_two_keys_with_one_order, "order ord_1 was the answer to 2 keys"),
    "a key is gone": (
        sql("DELETE FROM idempotency_keys WHERE order_id = 'ord_1'"),
        "order ord_1: its idempotency key is not kept",
    ),
    "a key of another order": (
        sql("UPDATE idempotency_keys SET order_id = 'ord_2'"),
        "order ord_1: its idempotency key is not kept",
    ),
    "other lines": (
        order("ord_1", lines=[{"sku": "CUP", "quantity": 1, "unit_price_minor": 500}]),
        "order ord_1 is not what was ordered",
    ),
    "another price": (
        order("ord_1", lines=[{"sku": "TEAPOT", "quantity": 2, "unit_price_minor": 501}]),
        "order ord_1 is not what was ordered",
    ),
    "another tenant": (order("ord_1", tenant="south"), "order ord_1 is not what was ordered"),
    "an order that is stuck": (order("ord_1", status="PAID"), "order ord_1 (approved) has not ended: it is PAID"),
    "another end than asked for": (
        order("ord_1", status="FAILED"),
        "order ord_1 (approved) ended as FAILED, not as FULFILLED",
    ),
    "a cancellation that was refused": (
        refuse_the_cancellation,
        "is CANCELLED, and its cancellation was answered with 409",
    ),
    "an event is gone": (forget_events_of_the_second_order, "order ord_2: its events are numbered [1, 2, 3, 4, 6"),
    "the last event is gone": (
        sql("DELETE FROM events WHERE order_id = 'ord_1' AND version = 8"),
        "order ord_1 has 0 ends",
    ),
    "an event too many": (event(9, like=5), "order ord_1: order.stock_committed happened twice"),
    "two ends": (event(9, like=8), "order ord_1 has 2 ends: FULFILLED, FULFILLED"),
    "an event with another number": (event(9, like=5, row=10), "kept under another number than its own"),
    "events without an order": (
        sql("DELETE FROM orders WHERE order_id = 'ord_2'"),
        "order ord_2 has events and no state",
    ),
    "a state that is not the fold": (
        sql("UPDATE orders SET status = 'FAILED' WHERE order_id = 'ord_1'"),
        "order ord_1 is ('FAILED', 8) and FULFILLED, 8; its events make it (",
    ),
    "a version that is not the fold": (order("ord_1", version=7), "its events make it ('FULFILLED', 8)"),
    "captured twice": (entry("charge:ord_1:again", payment_id="pay_x"), "order ord_1 was captured 2 times"),
    "never captured": (
        sql("DELETE FROM ledger WHERE entry_key LIKE 'charge:ord_1%'"),
        "order ord_1 is FULFILLED, captured 0 times",
    ),
    "captured, and not refunded": (
        sql("DELETE FROM ledger WHERE entry_key LIKE 'refund:%'"),
        "order ord_2 is FAILED, captured 1 times and refunded 0",
    ),
    "refunded although fulfilled": (
        entry("refund:ord_1:process-payment", payment_id="pay_ord_1"),
        "order ord_1 is FULFILLED, captured 1 times and refunded 1",
    ),
    "another payment given back": (
        pay_another_way("refund:"),
        "order ord_2 was given back a payment that was never taken",
    ),
    "paid by what was not taken": (
        pay_another_way("charge:ord_1"),
        "it was paid by ['pay_ord_1']; the partner took ['pay_y']",
    ),
    "money of nobody": (
        entry("charge:ord_9:pay", payment_id="pay_z"),
        "money moved for order ord_9, which does not exist",
    ),
    "units are lost": (
        sql("UPDATE stock SET on_hand = on_hand - 1"),
        "stock of TEAPOT: 997 are on hand and 2 sold, and there were 1000",
    ),
    "sold twice": (
        sql("UPDATE stock SET on_hand = on_hand - 2, sold = sold + 2"),
        "stock of TEAPOT: 4 are sold, and fulfilled orders have 2",
    ),
    "still reserved": (sql("UPDATE stock SET reserved = 1"), "stock of TEAPOT: 1 are still reserved"),
    "no stock at all": (sql("DELETE FROM stock"), "stock of TEAPOT: there is none, and fulfilled orders have 2"),
    "a reservation that was not released": (
        sql("UPDATE reservations SET state = 'reserved' WHERE order_id = 'ord_3'"),
        "order ord_3 is CANCELLED, and what was reserved for it is reserved",
    ),
    "a reservation of nobody": (
        sql("INSERT INTO reservations VALUES ('ord_9', 'released', x'')"),
        "units are reserved for order ord_9, which does not exist",
    ),
    "no saga": (sql("DELETE FROM saga_runs WHERE run_id = 'ord_1'"), "order ord_1 has no saga"),
    "a saga that is stuck": (
        sql("UPDATE saga_runs SET status = 'stuck' WHERE run_id = 'ord_1'"),
        "order ord_1 is FULFILLED, and its saga is stuck",
    ),
    "a saga that still runs": (
        sql("UPDATE saga_runs SET status = 'running' WHERE run_id = 'ord_2'"),
        "order ord_2 is FAILED, and its saga is running",
    ),
    "a saga that could not undo": (
        sql("UPDATE saga_runs SET uncompensated = '[1]' WHERE run_id = 'ord_2'"),
        "order ord_2: its saga could not undo [1]",
    ),
    "a saga of nobody": (
        sql("UPDATE saga_runs SET run_id = 'ord_9' WHERE run_id = 'ord_1'"),
        "a saga runs for order ord_9, which does not exist",
    ),
    "not shipped": (
        sql("DELETE FROM ledger WHERE entry_key LIKE 'shipment:%'"),
        "order ord_1 is FULFILLED, and was not shipped",
    ),
    "shipped although failed": (entry("shipment:ord_2", units=2), "order ord_2 is FAILED, and was shipped"),
    "a message is left": (sql(MESSAGE), "a message was left in analytics: ord_1:1"),
    "a dead letter": (sql(DEAD_LETTER), "a message died in analytics: ord_1:1 (why)"),
    "an event that was not handed on": (
        sql("UPDATE feed_cursors SET position = position - 2"),
        "2 events were never handed on",
    ),
    "not in the archive": (lambda shop: shop.archived("ord_1-3").unlink(), "event ord_1-3 is 0 times in the archive"),
    "twice in the archive": (archive_twice, "event ord_1-1 is 2 times in the archive"),
    "another body in the archive": (
        lambda shop: shop.archived("ord_1-3").write_bytes(b"{}"),
        "event ord_1-3 is in the archive with another body",
    ),
    "archived out of nothing": (archive_what_never_happened, "the archive has ord_1-99, which never happened"),
    "an order that no demand knows": (
        sql("DELETE FROM demand_events WHERE event_id = 'ord_1:1'"),
        "the demand lacks ord_1:1",
    ),
    "a demand of nobody": (
        sql("INSERT INTO demand_events VALUES ('ord_9:1')"),
        "the demand has ord_9:1, which never happened",
    ),
    "demand counted twice": (
        sql("UPDATE demand SET units = units + 2"),
        "the demand for TEAPOT is 10, and 8 were ordered",
    ),
    "a customer who was not told": (
        sql("DELETE FROM inbox WHERE message_key = 'ord_3:3'"),
        "order ord_3 is CANCELLED, and its customer was told []",
    ),
    "a customer who was told twice": (
        told("ord_1", "Your order is on its way"),
        "order ord_1 is FULFILLED, and its customer was told",
    ),
    "two confirmations": (
        told("ord_1", "Your order is confirmed and paid"),
        "order ord_1: its customer was sent 2 confirmations",
    ),
    "told of nothing": (
        told("ord_9", "Your order is on its way"),
        "somebody was told of order ord_9, which does not exist",
    ),
    "a row that points to nothing": (sql(DANGLING), "unsound: a row of saga_journal points to nothing in saga_runs"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_what_was_spoilt_is_named(shop: Shop, name: str) -> None:
    spoil, expected = SPOILT[name]
    spoil(shop)
    found = shop.violations()
    assert any(expected in violation for violation in found), found
