"""The console over HTTP, as a browser without scripts would use it."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.local_system import Running

SECONDS = 20


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


def get(system: Running, path: str, **headers: str) -> Answer:
    return _asked(system, "GET", path, None, headers)


def post(system: Running, path: str, **fields: str) -> Answer:
    """With the token of a page that was loaded before."""
    found = re.search(r'name="token" value="([^"]+)"', get(system, "/console/faults").text)
    assert found
    body = urlencode({**fields, "token": found[1]})
    known = {"Origin": system.url, "Content-Type": "application/x-www-form-urlencoded"}
    return _asked(system, "POST", path, body, known)


def _asked(system: Running, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", system.port, timeout=SECONDS)) as connection:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.getheaders()},
            text=response.read().decode(),
        )


@contextmanager
def listening(system: Running, path: str) -> Iterator[http.client.HTTPResponse]:
    """An open stream; refused ones have another status than 200."""
    with closing(http.client.HTTPConnection("127.0.0.1", system.port, timeout=SECONDS)) as connection:
        connection.request("GET", path)
        yield connection.getresponse()


def events(stream: http.client.HTTPResponse) -> Iterator[tuple[str, str]]:
    """Name and content of each event, until the stream ends."""
    name, content = "", ""
    for line in iter(stream.readline, b""):
        field, _, value = line.decode().rstrip("\n").partition(": ")
        if field == "event":
            name, content = value, ""
        elif field == "data":
            content += f"{value}\n"
        elif not field and name:
            yield name, content
            name = ""
