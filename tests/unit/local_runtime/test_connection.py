"""Who reads slowly gets the whole answer, who reads nothing loses it, and no answer has another one in it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from local_runtime import connection
from local_runtime.listener import LOOPBACK, Listener, bind

LARGE = 12_000_000
PIECE = 400_000


async def application(scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI has no type
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/large":
        await send({"type": "http.response.body", "body": bytes(LARGE)})
        return
    await send({"type": "http.response.body", "body": b"begun", "more_body": True})
    while (await receive())["type"] != "http.disconnect":
        pass


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], socket.socket]]:
    monkeypatch.setattr(connection, "WRITE_SECONDS", 0.6)
    listener = Listener(application, bind(0))
    listener.start()
    opened: list[socket.socket] = []

    def send(request: bytes) -> socket.socket:
        opened.append(socket.create_connection((LOOPBACK, listener.port), timeout=10))
        opened[-1].sendall(request)
        return opened[-1]

    yield send
    for each in opened:
        each.close()
    listener.stop()


LARGE_ONE = b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def read(client: socket.socket, seconds: float = 0.0) -> bytes:
    answer = bytearray()
    while part := client.recv(PIECE):
        answer += part
        time.sleep(seconds * len(part) / PIECE)
    return bytes(answer)


def test_an_answer_may_take_longer_than_the_limit_while_the_client_goes_on_reading(
    ask: Callable[[bytes], socket.socket],
) -> None:
    began = time.monotonic()
    answer = read(ask(LARGE_ONE), seconds=0.1)
    assert len(answer.partition(b"\r\n\r\n")[2]) >= LARGE
    assert time.monotonic() - began > 3 * connection.WRITE_SECONDS


def test_an_answer_that_nobody_reads_is_given_up(ask: Callable[[bytes], socket.socket]) -> None:
    client = ask(LARGE_ONE)
    time.sleep(4 * connection.WRITE_SECONDS)
    answer = b""
    with suppress(ConnectionResetError):
        answer = read(client)
    assert len(answer) < LARGE


def test_a_body_that_spoils_itself_while_the_answer_is_under_way_ends_it_without_another_one_in_it(
    ask: Callable[[bytes], socket.socket], caplog: pytest.LogCaptureFixture
) -> None:
    client = ask(b"POST /begun HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    answer = b""
    while b"begun" not in answer:
        answer += client.recv(PIECE)
    client.sendall(b"no size of a chunk\r\n")
    answer += read(client)
    assert answer.count(b"HTTP/1.1") == 1
    assert [record.message for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []
