"""What functions-framework hands over becomes a request, and a response becomes what it wants back."""

from __future__ import annotations

import io
from typing import Any

import flask
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from functions.api.messages import Request, Response
from functions.entrypoints.gcp.wsgi import CutOffError, body_of, reply_of, request_of
from tests.unit.functions.entrypoints.gcp.calls import TRACE_ID

MAX_BYTES = 100


def sent(method: str = "POST", path: str = "/orders", body: bytes = b"", **headers: str) -> flask.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return flask.Request(EnvironBuilder(path, method=method, data=body, headers=list(named.items())).get_environ())


def body(request: flask.Request) -> bytes:
    return body_of(request, max_bytes=MAX_BYTES)


def test_a_request_has_what_was_sent() -> None:
    patch = sent("PATCH", "/orders?limit=1&limit=2&status=", b"{}", Content_Type="text/plain", X_A="1")
    request = request_of(patch)
    assert (request.method, request.path, body(patch)) == ("PATCH", "/orders", b"{}")
    assert request.query == {"limit": ("1", "2"), "status": ("",)}
    assert (request.headers["content-type"], request.headers["x-a"]) == ("text/plain", "1")
    assert request.claims is None


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("/orders/a%2Fb?x=%2F", "/orders/a%2Fb"),
        ("/orders/%ff%00", "/orders/%ff%00"),
        ("http://orders.example/orders?x", "/orders"),
        ("http://orders.example", "/"),
        ("http://[", "/"),
        ("*", "*"),
        ("", "/"),
    ],
)
def test_the_path_is_as_it_was_sent(raw: str, path: str) -> None:
    request = sent()
    request.environ["RAW_URI"] = raw
    assert request_of(request).path == path


def test_a_server_that_does_not_tell_the_path_is_asked_for_what_it_decoded() -> None:
    request = sent(path="/orders/a%20b")
    request.environ.pop("RAW_URI", None)
    assert request_of(request).path == "/orders/a%20b"


@pytest.mark.parametrize("size", [MAX_BYTES - 1, MAX_BYTES, MAX_BYTES + 1, 1_000_000])
def test_of_a_large_body_no_more_is_kept_than_shows_that_it_is_large(size: int) -> None:
    request = sent(body=b"x" * size)
    assert body(request) == b"x" * min(size, MAX_BYTES)
    assert request.stream.read() == b""


@pytest.mark.parametrize("is_taken_for_whole", [False, True], ids=["werkzeug's server", "gunicorn"])
@pytest.mark.parametrize("size", [0, 4, MAX_BYTES, MAX_BYTES + 1])
def test_a_body_that_breaks_off_is_the_callers_mistake(is_taken_for_whole: bool, size: int) -> None:
    request = sent(body=b"x" * size)
    request.environ.update({"CONTENT_LENGTH": str(size + 1), "wsgi.input_terminated": is_taken_for_whole})
    with pytest.raises(CutOffError) as refused:
        body(request)
    assert refused.value.type.status == 400


class BrokenPipe(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401
        raise ConnectionResetError


def test_a_connection_that_breaks_is_no_failure_of_ours() -> None:
    request = sent(body=b"half")
    request.environ["wsgi.input"] = BrokenPipe()
    with pytest.raises(CutOffError):
        body(request)


def test_a_body_of_no_known_length_is_whole_when_it_ends() -> None:
    request = sent(body=b"in chunks", Transfer_Encoding="chunked")
    request.environ.update({"CONTENT_LENGTH": "", "wsgi.input_terminated": True})
    assert body(request) == b"in chunks"


@pytest.mark.parametrize(
    ("headers", "trace"),
    [
        ({"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"}, TRACE_ID),
        ({"X_Cloud_Trace_Context": f"{TRACE_ID}/123;o=1"}, TRACE_ID),
        ({"X_Cloud_Trace_Context": TRACE_ID}, TRACE_ID),
        ({"traceparent": "nonsense", "X_Cloud_Trace_Context": f"{TRACE_ID}/1"}, TRACE_ID),
        ({"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01", "X_Cloud_Trace_Context": f"{'1' * 32}/1"}, TRACE_ID),
        ({"X_Cloud_Trace_Context": "0" * 32}, None),
        ({"X_Cloud_Trace_Context": f'{TRACE_ID}"}}'}, None),
        ({}, None),
    ],
)
def test_the_trace_is_found_in_either_header(headers: dict[str, str], trace: str | None) -> None:
    request = sent()
    request.environ.update({f"HTTP_{name.upper()}": value for name, value in headers.items()})
    assert request_of(request).trace_id == trace


def test_a_response_is_sent_as_it_is() -> None:
    reply = reply_of(Response(status=202, headers={"Content-Type": "application/json", "Location": "/x"}, body=b"{}"))
    assert (reply.status_code, reply.get_data()) == (202, b"{}")
    assert dict(reply.headers) == {"Content-Type": "application/json", "Location": "/x", "Content-Length": "2"}


def test_a_response_without_a_body_does_not_call_itself_html() -> None:
    assert "Content-Type" not in reply_of(Response(status=204)).headers


@given(st.binary(max_size=300), st.text(alphabet=st.characters(max_codepoint=255), max_size=50))
def test_whatever_is_sent_becomes_a_request(content: bytes, raw: str) -> None:
    request = sent(body=content)
    request.environ.update({"RAW_URI": raw, "QUERY_STRING": raw, "HTTP_TRACEPARENT": raw})
    assert isinstance(request_of(request), Request)
    assert content.startswith(body(request))
