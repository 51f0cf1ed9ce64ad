"""HTTP as bytes on a socket: a client library would mend or refuse what these tests mean to send."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from tests.local_system import Running

SECONDS = 20.0
"""More than the longest that the server waits for anything."""
END = b"\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> str:
        """The code of the problem document that this is."""
        assert self.headers["content-type"] == "application/problem+json", self
        document: dict[str, Any] = json.loads(self.body)
        assert document["status"] == self.status
        assert document["instance"] == f"urn:orderly:request:{self.headers['x-request-id']}"
        code: str = document["type"].removeprefix("urn:orderly:problem:")
        return code


@dataclass(frozen=True)
class Outcome:
    """All that came back, and whether the server then ended the connection."""

    answers: tuple[Answer, ...]
    is_closed: bool

    @property
    def statuses(self) -> tuple[int, ...]:
        return tuple(answer.status for answer in self.answers)

    @property
    def answer(self) -> Answer:
        (only,) = self.answers
        return only


def request(method: str, target: str, *headers: str, body: bytes = b"", token: str = "") -> bytes:
    """As a client library would write it; Content-Length is left to the caller where a header speaks of the body."""
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *headers]
    lines += [f"Authorization: Bearer {token}"] if token else []
    if body and not any(name.lower().startswith(("content-length", "transfer-encoding")) for name in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + END + body


def order(token: str, body: bytes, *headers: str) -> bytes:
    """A request to place what `body` says; a header given here takes the place of the usual Content-Type."""
    own = any(header.lower().startswith("content-type") for header in headers)
    kind = () if own else ("Content-Type: application/json",)
    return request("POST", "/orders", *kind, *headers, body=body, token=token)


FAREWELL = request("GET", "/-/health", "Connection: close")
"""It is answered whatever else the run time is busy with, and like nothing else."""


@contextmanager
def connected(system: Running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", system.port), timeout=SECONDS) as connection:
        yield connection


def exchange(system: Running, sent: bytes, *, answers: int = 1) -> Outcome:
    """Send it all and read until so many answers are there or the server ends it; then ask for one thing more, whose
    answer has to be the next one, or what is before it is in the outcome too.
    """
    with connected(system) as connection:
        received, is_closed = _after(connection, sent, b"", lambda found: len(found) < answers)
        if is_closed:
            return Outcome(tuple(parsed(received)), is_closed=True)
        received, _ = _after(connection, FAREWELL, received, lambda _: True)
        found = tuple(parsed(received))
        if len(found) > answers and b'"instance"' in found[-1].body:
            return Outcome(found[:-1], is_closed=False)
        return Outcome(found, is_closed=True)


def _after(
    connection: socket.socket, sent: bytes, received: bytes, lacks: Callable[[Sequence[Answer]], bool]
) -> tuple[bytes, bool]:
    with suppress(BrokenPipeError, ConnectionResetError):  # it need not listen to the end of what it refuses
        connection.sendall(sent)
    while lacks(found := tuple(parsed(received))) or says_farewell(found):
        part = _part(connection, SECONDS)
        assert part is not None, f"neither an answer nor an end within {SECONDS:g} s: {received!r}"
        if not part:
            return received, True
        received += part
    return received, False


def read(connection: socket.socket, *, answers: int = 1, lull: float = 0.5) -> Outcome:
    """What comes by itself; `lull` is how long it is listened for more than there should be."""
    received = b""
    while True:
        found = tuple(parsed(received))
        is_enough = len(found) >= answers and not says_farewell(found)
        part = _part(connection, lull if is_enough else SECONDS)
        if part is None:
            assert is_enough, f"neither an answer nor an end within {SECONDS:g} s: {received!r}"
            return Outcome(found, is_closed=False)
        if not part:
            return Outcome(found, is_closed=True)
        received += part


def _part(connection: socket.socket, seconds: float) -> bytes | None:
    """None when nothing comes in time, and nothing when it has ended."""
    connection.settimeout(seconds)
    try:
        return connection.recv(1 << 20)
    except TimeoutError:
        return None
    except ConnectionResetError:
        return b""


def says_farewell(found: Sequence[Answer]) -> bool:
    """Whether the server has said that it will end the connection, however late it comes to do so."""
    return bool(found) and found[-1].headers.get("connection") == "close"


def parsed(received: bytes) -> Iterator[Answer]:
    """The complete answers in what was received; an interim one has no body."""
    while END in received:
        head, _, rest = received.partition(END)
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        code = int(status.split()[1])
        length = int(headers.get("content-length", 0))
        if len(rest) < length:
            return
        yield Answer(code, headers, rest[:length])
        received = rest[length:]


def is_well(system: Running) -> bool:
    """Whether the next request, on a connection of its own, is answered as ever."""
    return exchange(system, request("GET", "/health", "Connection: close")).answer.status == 200
