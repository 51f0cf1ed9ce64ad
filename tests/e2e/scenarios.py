"""What any order system promises over HTTP: what becomes of an order, then keys, tenants, pages and refusals.

The fixture `api` decides whose promise it is: tests/e2e/test_local.py runs all of it on one machine,
tests/e2e/aws/test_scenarios.py on ministack, tests/e2e/gcp/test_scenarios.py and tests/e2e/azure/test_scenarios.py on
stand-ins of Google's and Microsoft's services, `make smoke STACK=...` on a stack that is deployed.
"""

from __future__ import annotations

import uuid

import pytest

from tests.e2e.api import Api, events, order

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


def test_the_same_idempotency_key_places_one_order_and_gets_one_answer(api: Api) -> None:
    key = str(uuid.uuid4())
    first = api.ask("POST", "/orders", json=order(), key=key)
    api.ended(first.json()["order_id"])
    again = api.ask("POST", "/orders", json=order(), key=key)
    assert (again.status, again.json()) == (202, first.json()), "the answer of then, not how far the order has come"
    other = api.ask("POST", "/orders", json=order(payment_method="sandbox-decline"), key=key)
    assert other.status == 409
    assert other.json()["type"] == "urn:orderly:problem:idempotency-key-reused"


def test_an_order_of_another_tenant_is_not_there(api: Api) -> None:
    if api.other_token is None:
        pytest.skip("set ORDERLY_E2E_OTHER_TOKEN to a token of another tenant")
    order_id = api.place()
    for method, path in (("GET", f"/orders/{order_id}"), ("POST", f"/orders/{order_id}/cancellation")):
        answer = api.ask(method, path, token=api.other_token)
        assert (answer.status, answer.json()["type"]) == (404, "urn:orderly:problem:not-found")
    listed = api.ask("GET", "/orders?limit=100", token=api.other_token).json()["orders"]
    assert order_id not in {each["order_id"] for each in listed}


def test_pages_hold_every_order_once_newest_first(api: Api) -> None:
    placed = [api.place(payment_method="sandbox-decline") for _ in range(3)]
    pages = api.listed(placed, limit=2)
    assert all(len(page) <= 2 for page in pages)
    seen = [each for page in pages for each in page]
    ids = [each["order_id"] for each in seen]
    assert len(set(ids)) == len(ids)
    assert [each["placed_at"] for each in seen] == sorted((each["placed_at"] for each in seen), reverse=True)


def test_a_page_can_be_of_one_status(api: Api) -> None:
    failed = api.place(payment_method="sandbox-decline")
    api.ended(failed)
    api.listed([failed], limit=100)
    orders = api.ask("GET", "/orders?status=FAILED&limit=5").json()["orders"]
    assert {each["status"] for each in orders} <= {"FAILED"}


def test_a_browser_may_call_from_a_configured_origin_only(api: Api) -> None:
    wanted = {"Origin": api.origin, "Access-Control-Request-Method": "POST"}
    preflight = api.ask("OPTIONS", "/orders", token="", headers=wanted)
    assert preflight.status in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] in (api.origin, "*")
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    foreign = api.ask("OPTIONS", "/orders", token="", headers={**wanted, "Origin": "https://elsewhere.example"})
    if preflight.headers["Access-Control-Allow-Origin"] != "*":
        assert "Access-Control-Allow-Origin" not in foreign.headers


@pytest.mark.parametrize("token", ["", "no.token.at-all"])
def test_nobody_without_a_valid_token_is_answered(api: Api, token: str) -> None:
    answer = api.ask("GET", "/orders", token=token)
    assert answer.status == 401
    if api.gateway == "http-api":
        assert answer.json() == {"message": "Unauthorized"}
        return
    if api.gateway == "api-gateway":
        assert answer.json()["code"] == 401
        assert answer.json()["message"].startswith("Jwt ")
        return
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    if api.gateway == "api-management":
        assert (answer.json()["type"], len(answer.headers["X-Request-Id"])) == ("urn:orderly:problem:unauthorized", 36)
        return
    assert answer.json()["instance"].endswith(answer.headers["X-Request-Id"])


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/orders/ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG", None, 404),
        ("GET", "/orders?limit=0", None, 400),
        ("GET", "/orders?cursor=%00", None, 400),
        ("POST", "/orders", {}, 400),
    ],
)
def test_a_refusal_is_a_problem_document_with_the_request_id(
    api: Api, method: str, path: str, body: object, status: int
) -> None:
    answer = api.ask(method, path, json=body)
    assert answer.status == status, answer.data
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    document = answer.json()
    assert document["status"] == status
    assert document["instance"].endswith(answer.headers["X-Request-Id"])


def test_every_wrong_field_of_an_order_is_named(api: Api) -> None:
    items = [{"sku": "TEAPOT", "quantity": 0, "unit_price_minor": 1}]
    answer = api.ask("POST", "/orders", json=order(currency="euro", items=items))
    assert (answer.status, answer.json()["status"]) == (400, 400)
    if api.gateway != "rest-api":
        assert {error["field"] for error in answer.json()["errors"]} == {"currency", "items[0].quantity"}


def test_health_and_the_document_need_no_token(api: Api) -> None:
    assert api.ask("GET", "/health", token="").status == 200
    document = api.ask("GET", "/openapi.json", token="").json()
    assert document["openapi"].startswith("3.1")
