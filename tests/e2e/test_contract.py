"""What the API promises beside the orders themselves: keys, tenants, pages, pages of others, and refusals."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.e2e.api import Api, order

pytestmark = pytest.mark.e2e


def test_the_same_idempotency_key_places_one_order(api: Api) -> None:
    key = str(uuid.uuid4())
    first = api.ask("POST", "/orders", json=order(), key=key)
    again = api.ask("POST", "/orders", json=order(), key=key)
    assert (again.status, again.json()["order_id"]) == (202, first.json()["order_id"])
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
    seen, cursor = list[dict[str, Any]](), ""
    while not set(placed) <= {each["order_id"] for each in seen}:
        page = api.ask("GET", f"/orders?limit=2{cursor}").json()
        assert len(page["orders"]) <= 2
        seen += page["orders"]
        cursor = f"&cursor={page['next_cursor']}"
    ids = [each["order_id"] for each in seen]
    assert len(set(ids)) == len(ids)
    assert [each["placed_at"] for each in seen] == sorted((each["placed_at"] for each in seen), reverse=True)


def test_a_page_can_be_of_one_status(api: Api) -> None:
    api.ended(api.place(payment_method="sandbox-decline"))
    orders = api.ask("GET", "/orders?status=FAILED&limit=5").json()["orders"]
    assert {each["status"] for each in orders} == {"FAILED"}


def test_a_browser_may_call_from_a_configured_origin_only(api: Api) -> None:
    wanted = {"Origin": api.origin, "Access-Control-Request-Method": "POST"}
    preflight = api.ask("OPTIONS", "/orders", token="", headers=wanted)
    assert preflight.status in (200, 204)
    assert preflight.headers["Access-Control-Allow-Origin"] in (api.origin, "*")
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    foreign = api.ask("OPTIONS", "/orders", token="", headers={**wanted, "Origin": "https://elsewhere.example"})
    if preflight.headers["Access-Control-Allow-Origin"] != "*":
        assert "Access-Control-Allow-Origin" not in foreign.headers


@pytest.mark.parametrize(
    ("method", "path", "body", "token", "status"),
    [
        ("GET", "/orders", None, "", 401),
        ("GET", "/orders", None, "no.token.at-all", 401),
        ("GET", "/orders/ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG", None, None, 404),
        ("GET", "/orders?limit=0", None, None, 400),
        ("GET", "/orders?cursor=%00", None, None, 400),
        ("POST", "/orders", {}, None, 400),
    ],
)
def test_a_refusal_is_a_problem_document_with_the_request_id(
    api: Api, method: str, path: str, body: object, token: str | None, status: int
) -> None:
    answer = api.ask(method, path, json=body, token=token)
    assert answer.status == status, answer.data
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    document = answer.json()
    assert document["status"] == status
    assert document["instance"].endswith(answer.headers["X-Request-Id"])


def test_every_wrong_field_of_an_order_is_named(api: Api) -> None:
    items = [{"sku": "TEAPOT", "quantity": 0, "unit_price_minor": 1}]
    answer = api.ask("POST", "/orders", json=order(currency="euro", items=items))
    assert {error["field"] for error in answer.json()["errors"]} == {"currency", "items[0].quantity"}


def test_health_and_the_document_need_no_token(api: Api) -> None:
    assert api.ask("GET", "/health", token="").status == 200
    document = api.ask("GET", "/openapi.json", token="").json()
    assert document["openapi"].startswith("3.1")
