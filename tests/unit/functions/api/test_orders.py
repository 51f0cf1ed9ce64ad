"""What the order routes promise."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest

from functions.domain.events import EventType
from tests.unit.functions.api.shop import NOON, ORDER, Client, Shop, content, problem_code


def test_a_placed_order_is_accepted_and_says_where_to_find_it(client: Client) -> None:
    response = client.place()
    assert response.status == 202
    receipt = content(response)
    assert receipt["status"] == "PLACED"
    assert response.headers["Location"] == f"/orders/{receipt['order_id']}"
    assert client.get(response.headers["Location"]).status == 200


def test_the_same_key_and_body_give_the_same_answer_and_one_order_whatever_became_of_it(
    client: Client, shop: Shop
) -> None:
    first = client.place(idempotency_key="k-1")
    assert client.send("POST", f"{first.headers['Location']}/cancellation").status == 202
    again = client.place(idempotency_key="k-1")
    assert (again.status, again.body, again.headers["Location"]) == (
        first.status,
        first.body,
        first.headers["Location"],
    )
    assert len(shop.orders) == 1


def test_the_same_body_written_anew_is_the_same_body(client: Client, shop: Shop) -> None:
    client.place(idempotency_key="k-1")
    rewritten = json.dumps(dict(reversed(ORDER.items())), indent=4).encode()
    assert client.place(rewritten, idempotency_key="k-1").status == 202
    assert len(shop.orders) == 1


def test_the_same_key_with_another_body_is_a_conflict(client: Client) -> None:
    client.place(idempotency_key="k-1")
    response = client.place({**ORDER, "currency": "USD"}, idempotency_key="k-1")
    assert (response.status, problem_code(response)) == (409, "idempotency-key-reused")


def test_orders_without_a_key_are_different_orders(client: Client, shop: Shop) -> None:
    client.place()
    client.place()
    assert len(shop.orders) == 2


@pytest.mark.parametrize("key", ["", "two words", "tab\t", "line\n", "ümlaut", "x" * 256])
def test_a_malformed_key_is_refused_by_name(client: Client, shop: Shop, key: str) -> None:
    response = client.place(idempotency_key=key)
    assert response.status == 400
    assert [error["field"] for error in content(response)["errors"]] == ["Idempotency-Key"]
    assert not shop.orders


@pytest.mark.parametrize("key", ["x", "!", "~" * 255, '"quoted-as-the-draft-has-it"'])
def test_every_visible_key_up_to_its_length_is_taken(client: Client, key: str) -> None:
    assert client.place(idempotency_key=key).status == 202


def test_an_order_is_shown_with_its_timeline(client: Client, shop: Shop) -> None:
    order_id = content(client.place())["order_id"]
    order, _ = shop.orders["acme", order_id]
    reserved, (event,) = order.reserve(NOON + timedelta(seconds=5))
    shop.change(reserved, event)
    shown = content(client.get(f"/orders/{order_id}"))
    assert shown["status"] == "RESERVED"
    assert shown["items"] == ORDER["items"]
    assert shown["total_minor"] == 3998
    assert shown["placed_at"] == "2026-01-02T12:00:00.123Z"
    assert [(entry["version"], entry["type"]) for entry in shown["timeline"]] == [
        (1, EventType.PLACED),
        (2, EventType.RESERVED),
    ]


def test_a_timeline_tells_what_is_known_of_an_event_but_does_not_repeat_the_items(client: Client) -> None:
    shown = content(client.get(client.place().headers["Location"]))
    details = shown["timeline"][0]["details"]
    assert details["payment_method"] == "sandbox-approve"
    assert not [value for value in details.values() if isinstance(value, list | dict)]


def test_another_tenants_order_cannot_be_told_from_none(client: Client, shop: Shop) -> None:
    location = client.place().headers["Location"]
    stranger = Client(shop, claims={"tenant": "other", "scope": "orders:read orders:write"})
    absent = "/orders/ord_" + "7" * 26
    for target in (location, absent):
        response = stranger.get(target)
        assert (response.status, problem_code(response)) == (404, "not-found")
        assert stranger.send("POST", f"{target}/cancellation").status == 404


@pytest.mark.parametrize("order_id", ["1", "ord_", "ORD_" + "0" * 26, "ord_" + "0" * 27, "ord_" + "I" * 26, "%2e%2e"])
def test_what_is_no_order_id_is_not_found_and_not_looked_up(client: Client, shop: Shop, order_id: str) -> None:
    shop.failure = AssertionError("looked up")
    assert client.get(f"/orders/{order_id}").status == 404


def test_an_open_order_is_cancelled(client: Client) -> None:
    location = client.place().headers["Location"]
    response = client.send("POST", f"{location}/cancellation")
    assert (response.status, content(response)["status"]) == (202, "CANCELLED")
    assert content(client.get(location))["status"] == "CANCELLED"


def test_an_order_whose_payment_began_is_not_cancelled(client: Client, shop: Shop) -> None:
    order_id = content(client.place())["order_id"]
    order, _ = shop.orders["acme", order_id]
    for change in ("reserve", "start_payment"):
        order, (event,) = getattr(order, change)(NOON)
        shop.change(order, event)
    response = client.send("POST", f"/orders/{order_id}/cancellation")
    assert (response.status, problem_code(response)) == (409, "not-cancellable")


def test_pages_hold_each_order_once_newest_first_and_end(client: Client) -> None:
    placed = [content(client.place())["order_id"] for _ in range(7)]
    seen: list[str] = []
    cursor = ""
    for _ in range(4):
        page = content(client.get(f"/orders?limit=2{cursor}"))
        seen += [order["order_id"] for order in page["orders"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == placed[::-1]
    assert page["next_cursor"] is None


def test_orders_placed_meanwhile_do_not_shift_the_pages(client: Client) -> None:
    placed = [content(client.place())["order_id"] for _ in range(4)]
    first = content(client.get("/orders?limit=2"))
    client.place()
    second = content(client.get(f"/orders?limit=2&cursor={first['next_cursor']}"))
    assert [order["order_id"] for order in second["orders"]] == placed[1::-1]


def test_a_list_is_of_the_tenant_and_status_asked_for_and_twenty_long_by_default(client: Client, shop: Shop) -> None:
    client.get("/orders")
    client.get("/orders?status=PAID&limit=100")
    assert shop.asked == [("acme", None, 20, None), ("acme", "PAID", 100, None)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.0", "limit"),
        ("limit=", "limit"),
        ("limit=%D9%A1", "limit"),
        ("limit=1&limit=2", "limit"),
        ("status=paid", "status"),
        ("cursor=", "cursor"),
        ("cursor=AAAA", "cursor"),
        ("cursor=%00", "cursor"),
        ("cursor=" + "A" * 201, "cursor"),
        ("cursor=MjAyNi0wMS0wMlQxMjowMDowMCBvcmRfMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA", "cursor"),  # no time zone
        ("colour=blue", "colour"),
    ],
)
def test_a_wrong_parameter_is_refused_by_name(client: Client, query: str, field: str) -> None:
    response = client.get(f"/orders?{query}")
    assert (response.status, problem_code(response)) == (400, "invalid-request")
    assert [error["field"] for error in content(response)["errors"]] == [field]


def test_a_cursor_blown_up_to_any_length_is_refused(client: Client) -> None:
    position = f"2026-01-02T12:00:00.{'1' * 200}+00:00 ord_{'0' * 26}"
    blown_up = urlsafe_b64encode(position.encode()).decode().rstrip("=")
    assert client.get(f"/orders?cursor={blown_up}").status == 400
    sane = urlsafe_b64encode(position.replace("1" * 200, "111111").encode()).decode().rstrip("=")
    assert client.get(f"/orders?cursor={sane}").status == 200


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59.999999-14:00",
        "2026-01-02T13:00:00+01:00",
        "2026-01-02T12:00:00Z",
        "20260102T120000+00:00",
        "2026-W01-5T12:00:00+00:00",
    ],
)
def test_a_cursor_is_taken_as_it_was_given_and_in_no_other_spelling(client: Client, shop: Shop, moment: str) -> None:
    rewritten = urlsafe_b64encode(f"{moment} ord_{'0' * 26}".encode()).decode().rstrip("=")
    assert client.get(f"/orders?cursor={rewritten}").status == 400
    assert shop.asked == []


def test_the_spare_bits_of_a_cursor_say_nothing(client: Client) -> None:
    given = urlsafe_b64encode(f"2026-01-02T12:00:00+00:00 ord_{'0' * 26}".encode()).decode().rstrip("=")
    assert client.get(f"/orders?cursor={given}").status == 200
    assert client.get(f"/orders?cursor={given[:-1]}{chr(ord(given[-1]) + 1)}").status == 400


def test_all_wrong_parameters_are_named_at_once(client: Client) -> None:
    response = client.get("/orders?limit=x&status=y&cursor=z&other=1")
    assert [error["field"] for error in content(response)["errors"]] == ["status", "limit", "cursor", "other"]
