"""Who sends slowly, reads slowly or holds connections open is let go in time, and keeps nobody else waiting."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress

import pytest

from local_runtime.connection import HEADER_SECONDS, MAX_CONNECTIONS, WRITE_SECONDS
from local_runtime.server import BODY_SECONDS, MAX_WAITING
from tests.hostile.wire import SECONDS, Answer, Outcome, connected, exchange, is_well, order, read, request
from tests.local_system import Running

LATE_SECONDS = 8.0
"""How much later than it means to a busy machine may do something."""
ALL_SECONDS = 30.0
PAUSE_SECONDS = 0.3
MEMORY_MB = 150
HEALTH = request("GET", "/health")
ENDLESS = b"X: y\r\n" * 1000
CHUNKED = b"POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
ANNOUNCED = b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n"


@pytest.fixture(autouse=True)
def _nothing_stays_behind(system: Running) -> Iterator[None]:
    assert is_well(system)
    files, memory = system.open_files(), system.resident_mb()
    yield
    settled(lambda: system.open_files() <= files + 5, WRITE_SECONDS + LATE_SECONDS)
    assert system.resident_mb() < memory + MEMORY_MB
    assert is_well(system)


def settled(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.05)


SLOW = {
    "says nothing": (b"", b"", ()),
    "sends half a line": (b"GET /hea", b"", ()),
    "sends half a head": (HEALTH[:-2], b"", ()),
    "sends a line byte by byte": (b"", b"GET /" + b"a" * 1000, ()),
    "sends headers without end": (HEALTH[:-2], ENDLESS, ()),
    "sends a header without end": (HEALTH[:-2] + b"X: ", b"y" * 1000, ()),
    "sends a second head byte by byte": (HEALTH, b"GET /" + b"a" * 1000, (200,)),
    "announces a body and sends none": (ANNOUNCED, b"", (408,)),
    "sends a body byte by byte": (ANNOUNCED, b" " * 800, (408,)),
    "sends no chunk": (CHUNKED, b"", (408,)),
    "sends half a chunk": (CHUNKED + b"ff\r\n{", b"", (408,)),
    "sends a chunk byte by byte": (CHUNKED + b"ff\r\n", b" " * 200, (408,)),
    "sends a chunk's extension without end": (CHUNKED + b"1;", b"x" * 1000, (408,)),
    "sends chunks without end": (CHUNKED, b"1\r\n \r\n" * 1000, (408,)),
    "asks for a page with a body": (request("GET", "/console", "Content-Length: 2"), b"{", (421,)),
    "sends trailers without end": (CHUNKED + b"0\r\n", ENDLESS, (408,)),
}
"""What is sent at once, what is then sent byte by byte, and the answers."""


def test_each_slow_sender_is_let_go_and_nobody_waits_for_it(system: Running) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(len(SLOW)) as pool:
        dripping = {who: pool.submit(dripped, system, at_once, then) for who, (at_once, then, _) in SLOW.items()}
        while not all(each.done() for each in dripping.values()):
            asked = time.monotonic()
            assert is_well(system)
            assert time.monotonic() - asked < LATE_SECONDS
            time.sleep(0.5)
    assert time.monotonic() - began < ALL_SECONDS
    assert max(each.result()[1] for each in dripping.values()) < max(HEADER_SECONDS, BODY_SECONDS) + LATE_SECONDS
    found = {who: each.result()[0] for who, each in dripping.items()}
    assert all(outcome.is_closed for outcome in found.values())
    assert {who: outcome.statuses for who, outcome in found.items()} == {
        who: answers for who, (_, _, answers) in SLOW.items()
    }
    assert {outcome.answers[0].problem for outcome in found.values() if outcome.statuses == (408,)} == {
        "request-timeout"
    }


def dripped(system: Running, at_once: bytes, then: bytes) -> tuple[Outcome, float]:
    """And after how many seconds it was over."""
    with connected(system) as connection:
        began = time.monotonic()
        connection.sendall(at_once)
        first = read(connection).answers if at_once == HEALTH else ()
        for byte in then:
            if is_heard_of(connection):
                break
            connection.sendall(bytes([byte]))
        rest = read(connection)
        return Outcome((*first, *rest.answers), rest.is_closed), time.monotonic() - began


def is_heard_of(connection: socket.socket) -> bool:
    """Whether the server answers or ends the connection before a pause is over."""
    connection.settimeout(PAUSE_SECONDS)
    try:
        connection.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return False
    finally:
        connection.settimeout(SECONDS)
    return True


def test_who_does_not_read_the_answers_is_let_go(system: Running) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", system.port))
        began = time.monotonic()
        connection.sendall(request("GET", "/openapi.json") * 1000)
        settled(lambda: is_ended(connection), WRITE_SECONDS + LATE_SECONDS)
        assert time.monotonic() - began > WRITE_SECONDS - 1
        assert is_well(system)
        assert is_cut_off(connection)


def is_ended(connection: socket.socket) -> bool:
    """Whether the server has let go of it, which is seen without reading: what is then sent is refused."""
    try:
        connection.send(b"x", socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except (BrokenPipeError, ConnectionResetError):
        return True
    return False


def is_cut_off(connection: socket.socket) -> bool:
    """Whether what can still be read ends before the last answer does."""
    with suppress(ConnectionResetError):
        received = sum(iter(lambda: len(connection.recv(1 << 20)), 0))
        return received < 1000 * 10_000
    return True


def test_more_connections_than_are_taken_are_turned_away_and_then_there_is_room_again(system: Running) -> None:
    more, files = 50, system.open_files()
    with held(system, MAX_CONNECTIONS + more):
        outcome = exchange(system, b"")
        assert (outcome.answer.status, outcome.answer.problem, outcome.is_closed) == (503, "unavailable", True)
        assert int(outcome.answer.headers["retry-after"]) >= 1
        settled(lambda: system.open_files() <= files + MAX_CONNECTIONS + more // 2, LATE_SECONDS)
    settled(lambda: exchange(system, HEALTH).statuses == (200,), LATE_SECONDS)


def test_while_all_places_are_held_by_slow_bodies_the_others_are_told_to_come_back(system: Running) -> None:
    asked, answers = order(system.token(), b"{}"), list[Answer]()

    def is_refused() -> bool:
        answers.append(exchange(system, asked).answer)
        return answers[-1].status == 503

    with held(system, MAX_WAITING, ANNOUNCED):
        settled(is_refused, LATE_SECONDS)
        assert (answers[-1].problem, answers[-1].headers["retry-after"]) == ("unavailable", "1")
        assert "instance" in json.loads(exchange(system, request("GET", "/-/health")).answer.body)
    settled(lambda: exchange(system, HEALTH).statuses == (200,), LATE_SECONDS)


@contextmanager
def held(system: Running, count: int, sent: bytes = b"") -> Iterator[None]:
    """So many connections, open for as long as the block lasts, or the server lets them be."""
    with ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(connected(system))
            connection.sendall(sent)
        yield


@pytest.mark.parametrize("sent", [b"", HEALTH, HEALTH[:-4], ANNOUNCED, CHUNKED + b"ff\r\n{"], ids=range(5))
def test_connections_that_are_torn_down_leave_nothing_behind(system: Running, sent: bytes) -> None:
    for _ in range(40):
        with connected(system) as connection:
            connection.sendall(sent)
            # Closed without a farewell: the server finds a connection that was reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
