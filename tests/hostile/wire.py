"""HTTP as bytes on a socket: a client library would mend or refuse what these tests mean to send."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
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


@contextmanager
def connected(system: Running) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", system.port), timeout=SECONDS) as connection:
        yield connection


def exchange(system: Running, sent: bytes, *, answers: int = 1) -> Outcome:
    """Send it all and read until so many answers are there, and for a moment longer, or the server ends it."""
    with connected(system) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):  # it need not listen to the end of what it refuses
            connection.sendall(sent)
        return read(connection, answers=answers)


def read(connection: socket.socket, *, answers: int = 1, lull: float = 0.1) -> Outcome:
    """`lull` is how long it is listened for more than there should be."""
    received = b""
    while True:
        found = tuple(parsed(received))
        connection.settimeout(lull if len(found) >= answers else SECONDS)
        try:
            part = connection.recv(1 << 20)
        except TimeoutError:
            assert len(found) >= answers, f"neither an answer nor an end within {SECONDS:g} s: {received!r}"
            return Outcome(found, is_closed=False)
        except ConnectionResetError:
            return Outcome(found, is_closed=True)
        if not part:
            return Outcome(found, is_closed=True)
        received += part


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
