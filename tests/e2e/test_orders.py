"""What becomes of an order, over HTTP, on whatever target answers."""

from __future__ import annotations

import pytest

from tests.e2e.api import Api, events

pytestmark = pytest.mark.e2e


def test_an_order_is_reserved_paid_and_fulfilled(api: Api) -> None:
    found = api.ended(api.place())
    assert (found["status"], found["total_minor"], found["reason"]) == ("FULFILLED", 3499, None)
    told = events(found)
    assert told[0] == "placed"
    assert told[-1] == "fulfilled"
    assert told.index("reserved") < told.index("paid")
    assert [entry["version"] for entry in found["timeline"]] == list(range(1, len(told) + 1))


def test_a_declined_payment_gives_back_what_was_reserved(api: Api) -> None:
    found = api.ended(api.place(payment_method="sandbox-decline"))
    assert found["status"] == "FAILED"
    assert "declined" in found["reason"]
    told = events(found)
    assert told.index("reserved") < told.index("released") < told.index("failed")
    assert "paid" not in told


def test_an_article_out_of_stock_fails_before_anything_is_paid(api: Api) -> None:
    items = [{"sku": "SANDBOX-OUT-OF-STOCK", "quantity": 1, "unit_price_minor": 100}]
    found = api.ended(api.place(items=items))
    assert found["status"] == "FAILED"
    assert "payment_started" not in events(found)


def test_a_payment_that_fails_for_the_moment_is_tried_again(api: Api) -> None:
    found = api.ended(api.place(payment_method="sandbox-transient-1"))
    assert found["status"] == "FULFILLED"
    assert events(found).count("paid") == 1


def test_an_order_that_costs_too_much_is_rejected(api: Api) -> None:
    items = [{"sku": "ELEPHANT-GOLD", "quantity": 1000, "unit_price_minor": 100_000_000}]
    found = api.ended(api.place(items=items))
    assert found["status"] == "REJECTED"
    assert "reserved" not in events(found)


def test_an_order_is_cancelled_while_it_waits_for_stock(api: Api) -> None:
    order_id = api.place(items=[{"sku": "SANDBOX-TRANSIENT-2", "quantity": 1, "unit_price_minor": 100}])
    answer = api.ask("POST", f"/orders/{order_id}/cancellation")
    assert answer.status == 202, answer.data
    assert api.ended(order_id)["status"] == "CANCELLED"


def test_a_fulfilled_order_can_no_longer_be_cancelled(api: Api) -> None:
    order_id = api.place()
    api.ended(order_id)
    answer = api.ask("POST", f"/orders/{order_id}/cancellation")
    assert answer.status == 409
    assert answer.json()["type"] == "urn:orderly:problem:not-cancellable"
    assert api.order(order_id)["status"] == "FULFILLED"
