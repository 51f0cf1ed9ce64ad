"""HTTP on this machine, for the fakes of Azure's services: each answers a request, or hangs up without an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

CONTENT_TYPE = "application/json"


@dataclass(frozen=True, kw_only=True)
class Request:
    """The names of headers are in lower case; the path is as it was sent."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def segments(self) -> list[str]:
        return [unquote(part) for part in self.path.strip("/").split("/")]


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(status: int, content: object = None, **headers: str) -> Answer:
    """With the content as JSON; `x_ms_retry_after` is the header x-ms-retry-after."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=b"" if content is None else json.dumps(content).encode(), headers=named)


class Serving:
    """Entered, it serves on a free port of this machine."""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        # A client may keep its connection for longer than the test lasts.
        self._server.daemon_threads, self._server.block_on_close = True, False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer_to(self, request: Request) -> Answer | None:
        """None: hang up."""
        raise NotImplementedError


def _handler(serving: Serving) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=parts.path,
                query=parse_qs(parts.query),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            )
            answered = serving.answer_to(request)
            if answered is None:
                self.close_connection = True
                return
            self.send_response(answered.status)
            for name, value in {"Content-Type": CONTENT_TYPE, **answered.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            self.wfile.write(answered.body)

        do_GET = do_PUT = do_POST  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Silence: a test tells what it saw by failing."""

    return Handler
