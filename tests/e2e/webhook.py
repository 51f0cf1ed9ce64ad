"""The operators' webhook, on this machine: what was posted to it, and with which headers."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Post:
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.content)
        return found


class Webhook(ThreadingHTTPServer):
    """Entered, it answers on a free port of this machine alone; over TLS, if it is given what that takes."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.posts: list[Post] = []
        self.status = 204
        self._answers = threading.Event()
        self._answers.set()

    def __enter__(self) -> Webhook:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.set()
        self.shutdown()
        self.server_close()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Meanwhile it keeps what comes, and lets it wait for an answer."""
        self._answers.clear()
        try:
            yield
        finally:
            self._answers.set()

    @contextmanager
    def refusing(self, status: int) -> Iterator[None]:
        """Meanwhile it answers so, and keeps nothing."""
        self.status = status
        try:
            yield
        finally:
            self.status = 204

    def take(self, post: Post) -> None:
        if self.status == 204:
            self.posts.append(post)
        self._answers.wait()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/orders"

    def orders(self) -> set[str]:
        return {post.body["order_id"] for post in self.posts}


class _Answer(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.take(Post(dict(self.headers), content))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: what came is in `posts`."""
