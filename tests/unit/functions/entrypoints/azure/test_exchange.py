"""A request of the host's is one of ours with nothing lost, and a response of ours one of the host's."""

from __future__ import annotations

import pytest
from azure.functions import HttpRequest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.messages import Response
from functions.entrypoints.azure.exchange import reply_of, request_of

ORIGIN = "https://orders.azurewebsites.net"


def sent(url: str, method: str = "GET", body: bytes = b"", **headers: str) -> HttpRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpRequest(method=method, url=url, headers=named, body=body)


def test_a_request_keeps_all_that_was_sent() -> None:
    request = request_of(sent(f"{ORIGIN}/orders?limit=5", "post", b"\xff", X_Request_Id="r1"), trace_id="t1")
    assert (request.method, request.path, request.body) == ("POST", "/orders", b"\xff")
    assert (request.query, request.headers) == ({"limit": ("5",)}, {"x-request-id": "r1"})
    assert (request.trace_id, request.claims) == ("t1", None)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        (f"{ORIGIN}/orders/a%2Fb", "/orders/a%2Fb"),
        (f"{ORIGIN}/orders/%ff%00", "/orders/%ff%00"),
        (f"{ORIGIN}//orders", "//orders"),
        (f"{ORIGIN}/", "/"),
        (ORIGIN, "/"),
        ("https://[bad/orders", "/"),
        ("", "/"),
    ],
)
def test_a_path_is_as_it_was_sent(url: str, path: str) -> None:
    assert request_of(sent(url)).path == path


def test_a_parameter_that_is_given_twice_is_there_twice() -> None:
    """The host's own reading of a query keeps one of them."""
    assert request_of(sent(f"{ORIGIN}/orders?status=PAID&status=PLACED&cursor=")).query == {
        "status": ("PAID", "PLACED"),
        "cursor": ("",),
    }


def test_a_response_keeps_its_status_headers_and_body() -> None:
    reply = reply_of(Response(status=202, headers={"Content-Type": "application/json", "X-A": "b"}, body=b"{}"))
    assert (reply.status_code, reply.get_body()) == (202, b"{}")
    assert dict(reply.headers) == {"Content-Type": "application/json", "X-A": "b"}


def test_a_head_is_answered_without_a_body() -> None:
    assert reply_of(Response(status=200, body=b"{}"), to_head=True).get_body() == b""


@given(st.text(), st.text(max_size=8), st.binary())
def test_whatever_is_sent_is_a_request(url: str, method: str, body: bytes) -> None:
    assert request_of(sent(url, method, body)).body == body
