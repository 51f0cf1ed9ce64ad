"""HTTP as the world's services speak it on loopback: requests and replies with every header that was sent."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

Headers = tuple[tuple[str, str], ...]
OF_THE_CONNECTION = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})
"""What is said anew on each part of the way."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """`path` is as it was sent, with its query."""

    method: str
    path: str = "/"
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first of that name, or nothing."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), "")

    def without(self, *names: str) -> Headers:
        left_out = {name.lower() for name in names}
        return tuple((name, value) for name, value in self.headers if name.lower() not in left_out)


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: Headers = ()
    body: bytes = b""


def ask(port: int, asked: Asked, *, seconds: float) -> Reply:
    """Raises OSError or HTTPException where no answer comes in time."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=seconds)) as connection:
        connection.putrequest(asked.method, asked.path, skip_host=bool(asked.header("Host")), skip_accept_encoding=True)
        for name, value in _passed_on(asked.headers):
            connection.putheader(name, value.encode("latin-1"))
        if asked.body or asked.method not in ("GET", "HEAD", "OPTIONS", "DELETE"):
            connection.putheader("Content-Length", str(len(asked.body)))
        connection.endheaders(asked.body)
        response = connection.getresponse()
        return Reply(status=response.status, headers=tuple(_passed_on(response.getheaders())), body=response.read())


class Listener:
    """Entered, it answers on a free port of this machine; with `tls`, as whoever the certificate says it is.

    Where `answer` raises, whoever asked gets a 500, and the listener's end raises what it was. Otherwise a fault of the
    world's own would look like one of the network, after which SDKs try again.
    """

    def __init__(self, answer: Callable[[Asked], Reply], tls: ssl.SSLContext | None = None) -> None:
        self._answer, self._tls = answer, tls
        self._errors: list[Exception] = []

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self._answered))
        if self._tls:
            self._server.socket = self._tls.wrap_socket(self._server.socket, server_side=True)
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if self._errors and not error:
            raise ExceptionGroup("answering failed by itself", self._errors)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _answered(self, request: BaseHTTPRequestHandler) -> Reply:
        try:
            return self._answer(_asked(request))
        except Exception as error:  # noqa: BLE001 -- __exit__ raises it
            self._errors.append(error)
            return Reply(status=500)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def _asked(request: BaseHTTPRequestHandler) -> Asked:
    if request.headers.get("Transfer-Encoding"):
        raise NotImplementedError("the body of a request in chunks")
    body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
    return Asked(method=request.command, path=request.path, headers=tuple(request.headers.items()), body=body)


def _handler(answered: Callable[[BaseHTTPRequestHandler], Reply]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if self.raw_requestline and self.parse_request():
                self._reply(answered(self))

        def _reply(self, reply: Reply) -> None:
            self.send_response_only(reply.status)
            for name, value in _passed_on(reply.headers):
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

    return Handler


def _passed_on(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() not in OF_THE_CONNECTION]
