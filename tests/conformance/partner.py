"""A partner on loopback that answers as it is told: well, slowly, wrongly, or not to the end."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, kw_only=True)
class Received:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Partner:
    """Answers each request by the next behaviour, the last one for ever; what came in is in `received`."""

    behaviours: deque[Behaviour] = field(default_factory=deque)
    received: list[Received] = field(default_factory=list)
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    def will(self, *behaviours: Behaviour) -> None:
        self.behaviours = deque(behaviours)

    def next_behaviour(self) -> Behaviour:
        return self.behaviours.popleft() if len(self.behaviours) > 1 else self.behaviours[0]


@contextmanager
def partner() -> Iterator[Partner]:
    """The server runs inside; its threads have ended after."""
    served = Partner()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.received.append(Received(method=self.command, path=self.path, headers=headers, body=body))
            try:
                served.next_behaviour()(self)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has had enough, as it should

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: object) -> None:
            """Silence: a test tells what it saw by failing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        served.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def answer(status: int, body: object = None, **headers: str) -> Behaviour:
    """A whole answer; bytes are sent as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        # One answer to a connection: a server thread that waits for the next request would outlive its test.
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content)

    return behave


def silence(partner: Partner) -> Behaviour:
    """Takes the request and says nothing until the test is over."""
    return lambda handler: _hang(handler, partner)


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Closes without an answer."""
    handler.close_connection = True


def break_off(handler: BaseHTTPRequestHandler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"payment_id": "pay-1"')
    handler.close_connection = True


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n")
    handler.close_connection = True


def drip(partner: Partner) -> Behaviour:
    """Sends a byte now and then and a good answer at last: each wait is short, all of them are not."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(150):
            if partner.closing.wait(0.02):
                return
            handler.wfile.write(b" ")
        handler.wfile.write(b'{"payment_id": "pay-late"}')

    return behave


def flood(partner: Partner) -> Behaviour:
    """Sends without end, as fast as it can."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        while not partner.closing.is_set():
            handler.wfile.write(b" " * 65536)

    return behave


def _hang(handler: BaseHTTPRequestHandler, partner: Partner) -> None:
    partner.closing.wait()
    handler.close_connection = True


@dataclass
class Secrets:
    """A functions.ports.SecretStore whose cached value may be older than the one that is stored."""

    stored: dict[str, str]
    cached: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, *, fresh: bool = False) -> str:
        if fresh or name not in self.cached:
            self.cached[name] = self.stored[name]
        return self.cached[name]


def content(received: Received) -> Any:  # noqa: ANN401 -- JSON of any shape, looked at by asserts
    return json.loads(received.body)
