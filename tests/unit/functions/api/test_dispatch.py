"""What holds for every route: ids, tokens, sizes, media types, CORS, and failures that tell nothing of the inside."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from functions import logs
from functions.api.bodies import MAX_BODY_BYTES
from functions.api.routes import ROUTES
from functions.domain.errors import OutOfStockError, RetryableError, VersionConflictError
from tests.unit.functions.api.shop import CLAIMS, ORDER, Client, Shop, content, problem_code

PROTECTED = [(route.method, route.path.replace("{order_id}", "ord_" + "0" * 26)) for route in ROUTES if route.scope]
OPEN = [(route.method, route.path) for route in ROUTES if not route.scope]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    logs.configure(level="DEBUG", function="api", stage="dev", stream=stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_health_is_ok_without_a_token(shop: Shop) -> None:
    response = Client(shop, claims=None).get("/health")
    assert (response.status, content(response)) == (200, {"status": "ok"})


@pytest.mark.parametrize(("method", "path"), OPEN)
def test_open_routes_need_no_token(shop: Shop, method: str, path: str) -> None:
    assert Client(shop, claims=None).send(method, path).status == 200


@pytest.mark.parametrize(("method", "path"), PROTECTED)
def test_every_other_route_needs_a_token(shop: Shop, method: str, path: str) -> None:
    response = Client(shop, claims=None).send(method, path, content_type="application/json")
    assert (response.status, problem_code(response)) == (401, "unauthorized")
    assert response.headers["WWW-Authenticate"].startswith("Bearer ")


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("scope", ["", "orders", "orders:readorders:write", "ORDERS:READ ORDERS:WRITE", 7, None])
def test_a_token_without_the_scope_is_forbidden(shop: Shop, method: str, path: str, scope: object) -> None:
    response = Client(shop, claims={**CLAIMS, "scope": scope}).send(method, path, content_type="application/json")
    assert (response.status, problem_code(response)) == (403, "insufficient-scope")
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


def test_reading_does_not_allow_placing(shop: Shop) -> None:
    reader = Client(shop, claims={**CLAIMS, "scope": "orders:read"})
    assert reader.get("/orders").status == 200
    assert reader.place().status == 403


@pytest.mark.parametrize("tenant", [None, "", 7, ["acme"], "a/b", "a#b", "-a", "..", "a\n", "x" * 65, "ünique"])
def test_a_gateways_claims_without_a_sane_tenant_are_refused(shop: Shop, tenant: object) -> None:
    assert Client(shop, claims={**CLAIMS, "tenant": tenant}).get("/orders").status == 401


@pytest.mark.parametrize("path", ["/", "/order", "/orders/", "/orders/a/b", "/orders/a/cancellation/b", "//orders", ""])
def test_an_unknown_path_is_not_found(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status, problem_code(response)) == (404, "not-found")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/orders", "GET, HEAD, OPTIONS, POST"),
        ("PUT", "/orders/x", "GET, HEAD, OPTIONS"),
        ("GET", "/orders/x/cancellation", "OPTIONS, POST"),
        ("BREW", "/health", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_method_that_does_not_fit_is_told_which_do(client: Client, method: str, path: str, allow: str) -> None:
    response = client.send(method, path)
    assert (response.status, problem_code(response), response.headers["Allow"]) == (405, "method-not-allowed", allow)


def test_head_answers_as_get_and_leaves_it_to_the_server_to_send_no_body(client: Client) -> None:
    head, get = client.send("HEAD", "/health"), client.get("/health")
    assert (head.status, head.body) == (get.status, get.body)
    assert head.headers["Content-Type"] == get.headers["Content-Type"]


def test_options_names_the_methods_of_a_path(client: Client) -> None:
    response = client.send("OPTIONS", "/orders")
    assert (response.status, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    assert client.send("OPTIONS", "/nowhere").status == 404


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/jsonp", "application/json; charset=utf-16", "application/x-www-form-urlencoded"],
)
def test_a_body_that_does_not_call_itself_json_is_refused(client: Client, media_type: str) -> None:
    response = client.place(content_type=media_type)
    assert (response.status, problem_code(response)) == (415, "unsupported-media-type")
    assert response.headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_name_its_encoding(client: Client, media_type: str) -> None:
    assert client.place(content_type=media_type).status == 202


@pytest.mark.parametrize("coding", ["gzip", "br", "identity, gzip", ""])
def test_a_body_in_a_content_coding_is_refused_and_not_unpacked(client: Client, coding: str) -> None:
    response = client.place(content_encoding=coding)
    assert (response.status, problem_code(response)) == (415, "unsupported-media-type")
    assert response.headers["Accept-Encoding"] == "identity"


def test_a_body_may_say_that_it_is_in_no_content_coding(client: Client) -> None:
    assert client.place(content_encoding="Identity").status == 202


def test_a_body_of_the_limit_is_read_and_one_byte_more_is_not(client: Client) -> None:
    padded = json.dumps(ORDER).encode().ljust(MAX_BODY_BYTES)
    assert client.place(padded).status == 202
    response = client.place(padded + b" ")
    assert (response.status, problem_code(response)) == (413, "body-too-large")


@pytest.mark.parametrize("sane", ["a", "4bf92f3577b34da6a3ce929d0e0e4736", "Root.1-2_3", "x" * 128])
def test_the_callers_request_id_comes_back(client: Client, sane: str) -> None:
    assert client.get("/health", x_request_id=sane).headers["X-Request-Id"] == sane


@pytest.mark.parametrize("hostile", ["", "a b", "a\r\nSet-Cookie: x=1", "<script>", "x" * 129, "a\n", "é"])
def test_a_hostile_request_id_is_replaced_by_the_platforms_trace(client: Client, hostile: str) -> None:
    response = client.send("GET", "/health", trace_id="trace-1", x_request_id=hostile)
    assert response.headers["X-Request-Id"] == "trace-1"


def test_requests_without_any_id_get_different_ones(client: Client) -> None:
    ids = {client.get("/health").headers["X-Request-Id"] for _ in range(3)}
    assert len(ids) == 3


def test_a_problem_document_names_its_kind_its_status_and_the_request(client: Client) -> None:
    response = client.get("/nowhere", x_request_id="req-1")
    assert content(response) == {
        "type": "urn:orderly:problem:not-found",
        "title": "There is no such thing here",
        "status": 404,
        "detail": "no route has this path; GET /openapi.json lists them",
        "instance": "urn:orderly:request:req-1",
    }


def test_a_path_is_never_echoed(client: Client) -> None:
    assert b"script" not in client.get("/<script>alert(1)</script>").body


def test_an_unknown_failure_tells_the_caller_nothing_and_the_log_everything(
    client: Client, shop: Shop, log: io.StringIO
) -> None:
    shop.failure = ZeroDivisionError("database password is hunter2")
    response = client.place(x_request_id="req-7")
    assert (response.status, problem_code(response)) == (500, "internal")
    assert b"hunter2" not in response.body
    assert b"ZeroDivision" not in response.body
    (line,) = lines(log)
    assert (line["level"], line["request_id"], line["tenant"]) == ("ERROR", "req-7", "acme")
    assert line["error"] == "ZeroDivisionError"


@pytest.mark.parametrize("failure", [RetryableError("table orders-3f is throttled"), VersionConflictError("at 3")])
def test_a_passing_failure_asks_to_come_back_and_hides_its_cause(
    client: Client, shop: Shop, failure: Exception
) -> None:
    shop.failure = failure
    response = client.place()
    assert (response.status, problem_code(response), response.headers["Retry-After"]) == (503, "unavailable", "1")
    assert str(failure).encode() not in response.body


def test_any_other_business_failure_is_a_conflict(client: Client, shop: Shop) -> None:
    shop.failure = OutOfStockError("no teapots left")
    response = client.place()
    assert (response.status, content(response)["detail"]) == (409, "no teapots left")


def test_a_refused_request_is_logged_without_what_was_sent(client: Client, log: io.StringIO) -> None:
    client.place(b'{"currency": "card 4111111111111111"}', authorization="Bearer hunter2")
    (line,) = lines(log)
    assert (line["level"], line["problem"]) == ("INFO", "invalid-request")
    assert "4111" not in log.getvalue()
    assert "hunter2" not in log.getvalue()


def test_an_answered_request_is_logged_with_its_order_and_route(client: Client, log: io.StringIO) -> None:
    order_id = content(client.place(x_request_id="req-9"))["order_id"]
    (line,) = lines(log)
    assert (line["route"], line["status"]) == ("POST /orders", 202)
    assert (line["request_id"], line["order_id"], line["tenant"]) == ("req-9", order_id, "acme")


def test_answers_are_not_cached_and_not_sniffed(client: Client) -> None:
    for response in (client.get("/health"), client.get("/nowhere")):
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_preflight_from_an_allowed_page_is_granted_without_a_token(shop: Shop) -> None:
    browser = Client(shop, origins=("https://shop.example",), claims=None)
    response = browser.send("OPTIONS", "/orders", origin="https://shop.example", access_control_request_method="POST")
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in response.headers["Access-Control-Allow-Headers"]
    assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://shop.example.evil", "http://shop.example", "null", "https://SHOP.example"])
def test_another_page_is_granted_nothing(shop: Shop, origin: str) -> None:
    browser = Client(shop, origins=("https://shop.example",))
    preflight = browser.send("OPTIONS", "/orders", origin=origin, access_control_request_method="POST")
    for response in (preflight, browser.get("/orders", origin=origin)):
        assert not [name for name in response.headers if name.startswith("Access-Control")]
        assert response.headers["Vary"] == "Origin"


def test_a_page_can_read_failures_and_their_request_id_too(shop: Shop) -> None:
    response = Client(shop, origins=("https://shop.example",)).get("/nowhere", origin="https://shop.example")
    assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "X-Request-Id" in response.headers["Access-Control-Expose-Headers"]


def test_every_page_may_call_where_the_configuration_says_so(shop: Shop) -> None:
    response = Client(shop, origins=("*",)).get("/health", origin="https://any.example")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in response.headers
    assert "Access-Control-Allow-Credentials" not in response.headers
