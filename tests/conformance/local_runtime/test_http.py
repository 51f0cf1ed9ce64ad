"""HTTP at the edge: what the API function gets, and what it never hears of."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.local_runtime.running import Shop
from tests.conformance.local_runtime.running import http as ask

PAGE = "https://shop.example"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    shop = Shop.declare(Path(tmp_path_factory.mktemp("shop")))
    api = {"name": "api", "function": "api", "max_body_bytes": 2048, "burst": 500, "rate_per_second": 500}
    shop.write("Api", {**api, "cors_origins": [PAGE]})
    try:
        yield shop.start()
    finally:
        shop.end()


def problem(body: bytes) -> str:
    document = json.loads(body)
    assert document["detail"]
    code: str = document["type"].rsplit(":", 1)[1]
    return code


def test_the_function_sees_the_request_as_it_was_sent(url: str) -> None:
    status, headers, body = ask("POST", f"{url}/echo?status=PAID&status=PLACED&empty=", b"x" * 9, {"X-Mine": "yes"})
    seen = json.loads(body)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert (seen["method"], seen["bytes"], seen["headers"]["x-mine"]) == ("POST", 9, "yes")
    assert seen["query"] == {"status": ["PAID", "PLACED"], "empty": [""]}


def test_a_head_request_has_the_headers_and_no_body(url: str) -> None:
    status, headers, body = ask("HEAD", f"{url}/echo")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_refused_and_the_connection_closed(url: str, announced: bool) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    body = b"x" * 3000
    connection.request("POST", "/echo", body if announced else iter([body]))
    response = connection.getresponse()
    assert (response.status, response.headers["Connection"]) == (413, "close")
    assert problem(response.read()) == "body-too-large"
    connection.close()


BODIES_NEVER_SENT = ["Content-Length: 2000", "Content-Length: 1000000000", "Transfer-Encoding: chunked"]


def answer_without_body(url: str, path: str, announced: str) -> tuple[bytes, bytes]:
    """The status line and the head of the answer to a request whose body never comes, read until the server closes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=8) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{announced}\r\n\r\n".encode())
        answer = b""
        while part := raw.recv(65536):
            answer += part
    head = answer.partition(b"\r\n\r\n")[0].lower()
    return head.split()[1], head


@pytest.mark.parametrize("announced", BODIES_NEVER_SENT)
def test_an_answer_that_waits_for_no_body_ends_the_connection(url: str, announced: str) -> None:
    status, head = answer_without_body(url, "/-/health", announced)
    assert (status, b"connection: close" in head) == (b"200", True)


def test_too_many_requests_and_no_api_do_not_wait_for_a_body_either(shop: Shop) -> None:
    shop.write("Api", {"name": "api", "function": "api", "burst": 1, "rate_per_second": 0.1})
    url = shop.start()
    ask("GET", f"{url}/echo")
    assert answer_without_body(url, "/echo", BODIES_NEVER_SENT[0])[0] == b"429"
    shop.stop()
    (shop.home.declarations / "Api" / "api.json").unlink()
    assert answer_without_body(shop.start(), "/echo", BODIES_NEVER_SENT[0])[0] == b"404"


@pytest.mark.parametrize(("path", "body"), [("/-/health", None), ("/echo", b"x" * 9)])
def test_a_connection_without_a_body_to_come_is_kept(url: str, path: str, body: bytes | None) -> None:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    for _ in range(2):
        connection.request("GET", path, body)
        response = connection.getresponse()
        assert (response.status, response.headers["Connection"], bool(response.read())) == (200, None, True)
    connection.close()


def test_a_failure_of_the_function_says_nothing_of_its_inside(url: str) -> None:
    status, headers, body = ask("GET", f"{url}/fail", headers={"X-Request-Id": "mine-1"})
    assert (status, problem(body), headers["X-Request-Id"]) == (500, "internal", "mine-1")
    assert b"secret" not in body


def test_a_function_that_takes_too_long_is_not_waited_for(url: str) -> None:
    status, _, body = ask("GET", f"{url}/hang")
    assert (status, problem(body)) == (504, "gateway-timeout")


def test_a_web_page_can_read_why_the_run_time_refused_it(url: str) -> None:
    _, headers, _ = ask("GET", f"{url}/fail", headers={"Origin": PAGE})
    assert headers["Access-Control-Allow-Origin"] == PAGE
    _, headers, _ = ask("GET", f"{url}/fail", headers={"Origin": "https://elsewhere.example"})
    assert "Access-Control-Allow-Origin" not in headers


def test_health_can_only_be_read(url: str) -> None:
    status, headers, body = ask("POST", f"{url}/-/health", b"")
    assert (status, headers["Allow"], problem(body)) == (405, "GET, HEAD", "method-not-allowed")


def test_what_is_not_http_is_refused(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"\x16\x03\x01 not http at all\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400")


def test_a_head_without_end_is_refused(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(b"GET /echo HTTP/1.1\r\nHost: x\r\n" + b"X-Filler: " + b"y" * 70_000)
        assert raw.recv(100).startswith(b"HTTP/1.1 4")


def test_more_than_the_burst_is_sent_back_with_a_time_to_wait(shop: Shop) -> None:
    shop.write("Api", {"name": "api", "function": "api", "burst": 3, "rate_per_second": 0.1})
    url = shop.start()
    answers = [ask("GET", f"{url}/echo") for _ in range(4)]
    assert [status for status, _, _ in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3][1]["Retry-After"]) <= 10
    assert problem(answers[3][2]) == "too-many-requests"
    assert ask("GET", f"{url}/-/health")[0] == 200
