"""What is no request, or might be two: it is refused or means one thing, and never what hides behind it."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tests.hostile.wire import END, SECONDS, Outcome, connected, exchange, is_well, read, request
from tests.local_system import Running

SMUGGLED = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED_SMUGGLER = b"0\r\n\r\n" + SMUGGLED
HEALTH = request("GET", "/health")


@pytest.fixture(autouse=True)
def _the_next_request_works(system: Running) -> Iterator[None]:
    yield
    assert is_well(system)
    assert system.process.poll() is None


def line(text: str | bytes) -> bytes:
    """A request of this line."""
    return (text if isinstance(text, bytes) else text.encode("latin-1")) + b"\r\nHost: localhost" + END


def with_header(header: bytes, body: bytes = b"") -> bytes:
    return b"POST /orders HTTP/1.1\r\nHost: localhost\r\n" + header + END + body


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(with_header(b"Content-Length: 4\r\nTransfer-Encoding: chunked", CHUNKED_SMUGGLER), id="both"),
        pytest.param(
            with_header(b"Transfer-Encoding: chunked\r\nContent-Length: 4", CHUNKED_SMUGGLER), id="both-turned"
        ),
        pytest.param(
            b"POST /console/break HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked"
            + END
            + CHUNKED_SMUGGLER,
            id="both-to-the-console",
        ),
        pytest.param(with_header(b"Content-Length: 0\r\nContent-Length: 41", SMUGGLED), id="two-lengths"),
        pytest.param(with_header(b"Content-Length: 0, 41", SMUGGLED), id="two-lengths-in-one"),
        pytest.param(with_header(b"Content-Length: -1", SMUGGLED), id="negative-length"),
        pytest.param(with_header(b"Content-Length: +4", SMUGGLED), id="signed-length"),
        pytest.param(with_header(b"Content-Length: 0x4", SMUGGLED), id="hexadecimal-length"),
        pytest.param(with_header(b"Content-Length: 4 1", SMUGGLED), id="spaced-length"),
        pytest.param(with_header(b"Content-Length: \xb2", SMUGGLED), id="superscript-length"),
        pytest.param(with_header(b"Content-Length: ", SMUGGLED), id="empty-length"),
        pytest.param(with_header(b"Content-Length: " + b"9" * 5000, SMUGGLED), id="endless-length"),
        pytest.param(with_header(b"Content-Length : 4", SMUGGLED), id="space-before-the-colon"),
        pytest.param(with_header(b"Content-Length\x00: 4", SMUGGLED), id="nul-in-a-name"),
        pytest.param(with_header(b"Transfer-Encoding: chunked, chunked", CHUNKED_SMUGGLER), id="chunked-twice"),
        pytest.param(with_header(b"Transfer-Encoding: gzip, chunked", CHUNKED_SMUGGLER), id="gzip-and-chunked"),
        pytest.param(with_header(b"Transfer-Encoding: chunked, identity", CHUNKED_SMUGGLER), id="chunked-not-last"),
        pytest.param(with_header(b"Transfer-Encoding: xchunked", CHUNKED_SMUGGLER), id="nearly-chunked"),
        pytest.param(with_header(b"Transfer-Encoding: \x0bchunked", CHUNKED_SMUGGLER), id="control-before-chunked"),
        pytest.param(with_header(b"X: a\rTransfer-Encoding: chunked", CHUNKED_SMUGGLER), id="bare-cr"),
        pytest.param(with_header(b"X: a\x00b", SMUGGLED), id="nul-in-a-value"),
        pytest.param(with_header(b"no colon", SMUGGLED), id="no-colon"),
        pytest.param(with_header(b": nameless", SMUGGLED), id="no-name"),
        pytest.param(with_header("Ünicode: x".encode(), SMUGGLED), id="unicode-name"),
        pytest.param(b"POST /orders HTTP/1.1\r\n Host: localhost" + END + SMUGGLED, id="fold-of-nothing"),
        pytest.param(with_header(b"Transfer-Encoding: chunked", b"zz\r\n" + SMUGGLED), id="no-chunk-size"),
        pytest.param(with_header(b"Transfer-Encoding: chunked", b"-1\r\n" + SMUGGLED), id="negative-chunk"),
        pytest.param(with_header(b"Transfer-Encoding: chunked", b"0x1\r\na\r\n" + SMUGGLED), id="hexadecimal-chunk"),
        pytest.param(with_header(b"Transfer-Encoding: chunked", b"f" * 40 + b"\r\n" + SMUGGLED), id="endless-chunk"),
        pytest.param(with_header(b"Transfer-Encoding: chunked", b"1\r\nab\r\n" + SMUGGLED), id="chunk-too-long"),
        pytest.param(with_header(b"Transfer-Encoding: chunked", b"1\naXX0\r\n\r\n" + SMUGGLED), id="chunk-without-end"),
        pytest.param(b"GET /health HTTP/1.1" + END + SMUGGLED, id="no-host"),
        pytest.param(with_header(b"Host: elsewhere", SMUGGLED), id="two-hosts"),
        pytest.param(line("GET"), id="no-target"),
        pytest.param(line("GET /health"), id="no-version"),
        pytest.param(line("GET  /health HTTP/1.1"), id="two-spaces"),
        pytest.param(line("GET /hea lth HTTP/1.1"), id="space-in-the-target"),
        pytest.param(line("GET /health HTTP/1.1 more"), id="more-than-a-version"),
        pytest.param(line("GET /health ICY/1.1"), id="another-protocol"),
        pytest.param(line("G\x00T /health HTTP/1.1"), id="nul-in-the-method"),
        pytest.param(line("GET /\x00 HTTP/1.1"), id="nul-in-the-target"),
        pytest.param(line("GET /hé HTTP/1.1"), id="latin-target"),
        pytest.param(line("(){} /health HTTP/1.1"), id="method-of-brackets"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), id="tls"),
        pytest.param(bytes(range(256)) * 40, id="noise"),
        pytest.param(b"\r\n" + HEALTH, id="empty-line-before"),
        pytest.param(b"\n" * 40_000, id="empty-lines"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused_and_what_follows_it_is_not_heard(
    system: Running, sent: bytes
) -> None:
    outcome = exchange(system, sent)
    assert outcome.is_closed
    assert len(outcome.answers) <= 1
    for answer in outcome.answers:
        assert (400 <= answer.status < 500, answer.headers["connection"]) == (True, "close")
        assert answer.problem in ("invalid-request", "head-too-large", "unauthorized")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(line("GET /health HTTP/2.0"), id="version-2"),
        pytest.param(line("GET /health HTTP/9.9"), id="version-9"),
        pytest.param(HEALTH.replace(b"\r\n", b"\n"), id="bare-lf"),
        pytest.param(request("GET", "/health", "X: a", "\tTransfer-Encoding: chunked"), id="fold"),
        pytest.param(
            request("GET", "/health", "Content-Length: 2", "Content-Length: 2", body=b"{}"), id="twice-the-same"
        ),
        pytest.param(request("GET", "/health", "Upgrade: websocket", "Connection: upgrade"), id="websocket"),
        pytest.param(request("GET", "/health", "Upgrade: h2c", "Connection: upgrade, HTTP2-Settings"), id="h2c"),
        pytest.param(request("GET", "/health", "X-Request-Id: a\tb\xff"), id="odd-request-id"),
        pytest.param(request("GET", "/health", "Origin: \xff\xfe"), id="odd-origin"),
        pytest.param(request("GET", "/health", "traceparent: 00-" + "f" * 9000), id="odd-trace"),
        pytest.param(request("GET", "/health", "Expect: the unexpected"), id="odd-expectation"),
        pytest.param(request("GET", "/health", *(f"X-{number}: y" for number in range(1000))), id="a-thousand-headers"),
        pytest.param(request("GET", "/health", *["X: y"] * 1000), id="one-header-a-thousand-times"),
        pytest.param(request("GET", "/health", "X: " + "y" * 30_000), id="one-header-of-30-KB"),
        pytest.param(
            request("GET", "/health?" + "&".join(f"a{n}=b" for n in range(5000))[:30_000]), id="query-of-30-KB"
        ),
    ],
)
def test_what_is_odd_but_means_one_thing_is_answered_once(system: Running, sent: bytes) -> None:
    assert exchange(system, sent).answer.status == 200


def test_the_longest_head_is_read_and_a_longer_one_is_not(system: Running) -> None:
    outcome = exchange(system, request("GET", "/health", "X: " + "y" * 34_000))
    assert (outcome.statuses, outcome.is_closed) == ((431,), True)
    assert outcome.answer.problem == "head-too-large"


def test_a_preface_of_http_2_gets_no_further(system: Running) -> None:
    outcome = exchange(system, b"PRI * HTTP/2.0\r\nHost: x\r\n\r\nSM\r\n\r\n", answers=2)
    assert (outcome.statuses, outcome.is_closed) == ((404, 400), True)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/orders/..%2f..%2f..%2fetc%2fpasswd", 404),
        ("/orders/../../../../etc/passwd", 404),
        ("/orders/%2e%2e", 404),
        ("/orders/%00", 404),
        ("/orders/ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG%00", 404),
        ("/orders/ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG%0a", 404),
        ("/orders/ord_01J9ZQ4Y7M3X5N8K2B6C1D0EF%47", 404),
        ("/orders/ord_01j9zq4y7m3x5n8k2b6c1d0efg", 404),
        ("/orders/'%20OR%201=1%20--", 404),
        ("/orders/{order_id}", 404),
        ("/orders/%ff%fe", 404),
        ("/orders/%", 404),
        ("/orders/%zz", 404),
        ("/orders/%c0%ae%c0%ae", 404),
        ("/orders/" + "a" * 20_000, 404),
        ("/orders/", 404),
        ("//orders", 404),
        ("/orders//cancellation", 404),
        ("/./orders", 404),
        ("/ORDERS", 404),
        ("/%6frders", 404),
        ("/orders;x=y", 404),
        ("/orders\\..\\health", 404),
        ("/openapi.json/../orders", 404),
        ("/-/../orders", 404),
        ("http://localhost/nowhere", 404),
        ("https://evil.example/orders", 404),
        ("evil.example:443", 404),
        ("*", 404),
        ("?", 404),
        ("/orders?" + "limit=1&" * 3000, 400),
        ("/orders?limit=" + "9" * 20_000, 400),
        ("/orders?%00=%00", 400),
        ("/orders?status=%ff", 400),
        ("/orders?limit=1;limit=2", 400),
        ("/orders?cursor=" + "A" * 25_000, 400),
        ("/orders?status=PLACED' OR 1=1 --".replace(" ", "%20"), 400),
    ],
)
def test_a_target_that_leads_nowhere_is_answered_as_such(system: Running, target: str, status: int) -> None:
    answer = exchange(system, request("GET", target, token=system.token())).answer
    assert (answer.status, answer.problem) == (status, {404: "not-found", 400: "invalid-request"}[status])


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "PATCH", "DELETE", "FOO", "get", "POSTPOST", "M" * 900])
@pytest.mark.parametrize("target", ["/orders", "/health", "/orders/ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"])
def test_a_method_that_no_route_has_is_refused(system: Running, method: str, target: str) -> None:
    answer = exchange(system, request(method, target, token=system.token())).answer
    assert (answer.status, answer.problem) == (405, "method-not-allowed")
    assert "GET" in answer.headers["allow"]


def test_what_trace_would_give_away_is_not_sent_back(system: Running) -> None:
    assert b"sesame" not in exchange(system, request("TRACE", "/health", "Cookie: sesame")).answer.body


def test_http_1_0_is_answered_and_the_connection_ended(system: Running) -> None:
    outcome = exchange(system, b"GET /health HTTP/1.0\r\n\r\n")
    assert (outcome.statuses, outcome.is_closed) == ((200,), True)


def test_pipelined_requests_are_answered_in_their_order(system: Running) -> None:
    targets = [("/health", 200), ("/nowhere", 404)] * 25
    outcome = exchange(system, b"".join(request("GET", target) for target, _ in targets), answers=len(targets))
    assert outcome.statuses == tuple(status for _, status in targets)


def test_what_is_pipelined_behind_nonsense_is_not_heard(system: Running) -> None:
    outcome = exchange(system, HEALTH + b"nonsense\r\n\r\n" + HEALTH, answers=3)
    assert (outcome.statuses, outcome.is_closed) == ((200, 400), True)


def test_a_client_that_sends_no_more_is_answered_or_let_go(system: Running) -> None:
    for sent in (b"", b"GET /hea", HEALTH, with_header(b"Content-Length: 9", b"{")):
        outcome = _half_closed(system, sent)
        assert outcome.is_closed
        assert outcome.statuses in ((), (200,))


def _half_closed(system: Running, sent: bytes) -> Outcome:
    with connected(system) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return read(connection, lull=SECONDS)
