"""Asks an ASGI application as a browser on this machine would, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from threading import Event
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

from console.application import application
from console.site import Site

PORT = 4321
HOST = f"127.0.0.1:{PORT}"
ORIGIN = f"http://{HOST}"


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Browser:
    """Without `headers` of a test's own it sends what a browser sends for a page of ours."""

    site: Site
    stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.application = application(self.site, self.stop)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, {"host": HOST, "sec-fetch-site": "same-origin", **_named(headers)})

    def post(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Answer:
        body = urlencode({"token": self.site.token, **(fields or {})}).encode()
        known = {"host": HOST, "origin": ORIGIN, "sec-fetch-site": "same-origin"}
        return self.ask("POST", path, {**known, **_named(headers)}, body)

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> Answer:
        """A header that is empty is not sent."""
        return asyncio.run(_asked(self.application, method, path, headers, body))

    def hang_up(self, path: str) -> Answer:
        """Within a form: the answer is what nobody hears."""
        known = {"host": HOST, "origin": ORIGIN, "content-length": "99"}
        return asyncio.run(_asked(self.application, "POST", path, known, b"token=", is_gone=True))


async def _asked(
    application: ASGIApp, method: str, path: str, headers: Mapping[str, str], body: bytes, *, is_gone: bool = False
) -> Answer:
    before, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"spec_version": "2.3", "version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": before,
        "raw_path": before.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
        "server": ("127.0.0.1", PORT),
        "client": ("127.0.0.1", 5),
    }
    sent: list[Message] = []
    rest: tuple[Message, ...] = ({"type": "http.disconnect"},) if is_gone else ()
    received = iter(({"type": "http.request", "body": body, "more_body": is_gone}, *rest))

    async def receive() -> Message:
        for message in received:
            return message
        await asyncio.Event().wait()
        raise AssertionError("nothing is waited for any more")

    async def send(message: Message) -> None:
        sent.append(message)

    try:
        await asyncio.wait_for(application(scope, receive, send), 20)
    except ArithmeticError:  # a page that broke is answered, and what broke is raised for the server to log
        assert sent
    start, *parts = sent
    return Answer(
        status=start["status"],
        headers={name.decode(): value.decode() for name, value in start["headers"]},
        text=b"".join(part["body"] for part in parts).decode(),
    )


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass
class Tag:
    name: str
    attributes: dict[str, str]
    text: str = ""


class Page(HTMLParser):
    """Every tag of a page, with the text directly after it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(Tag(tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        if self.tags:
            self.tags[-1].text += data

    def all(self, name: str) -> list[Tag]:
        return [tag for tag in self.tags if tag.name == name]
