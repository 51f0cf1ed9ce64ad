"""A FAKE of Cloud Storage, our own, for tests: one upload as the client's JSON API sends it, and nothing else.

It refuses to overwrite, as a bucket does to whoever may only create objects in it.
"""

from __future__ import annotations

import email.policy
import json
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

OK, BAD_REQUEST, FORBIDDEN, PRECONDITION_FAILED = 200, 400, 403, 412


class StorageFake:
    """Entered, it serves every bucket on a free port of this machine; `objects` is what was uploaded, by bucket."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, bytes]] = {}
        self.types: dict[str, str] = {}
        """Of an object's content, by its name."""
        self.statuses: list[int] = []
        """What the next uploads are answered with in the place of being done."""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def upload(self, address: str, content_type: str, body: bytes) -> int:
        """The status that the upload is answered with."""
        if self.statuses:
            return self.statuses.pop(0)
        parts = urlsplit(address)
        asked, bucket = parse_qs(parts.query), parts.path.removeprefix("/upload/storage/v1/b/").removesuffix("/o")
        if asked.get("uploadType") != ["multipart"] or "/" in bucket:
            return BAD_REQUEST
        name, content_type, content = _uploaded(content_type, body)
        objects = self.objects.setdefault(bucket, {})
        if name in objects:
            return PRECONDITION_FAILED if asked.get("ifGenerationMatch") == ["0"] else FORBIDDEN
        objects[name], self.types[name] = content, content_type
        return OK


def _uploaded(content_type: str, body: bytes) -> tuple[str, str, bytes]:
    """Name, type and content of the object: a message of two parts, the first of which says what the second is."""
    message = BytesParser(policy=email.policy.HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    described, content = message.iter_parts()
    uploaded: Any = content.get_payload(decode=True)
    return json.loads(described.get_content())["name"], content.get_content_type(), uploaded


def _handler(fake: StorageFake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = fake.upload(self.path, self.headers["Content-Type"], body)
            content = b"{}" if status == OK else b'{"error": {"message": "refused by the fake"}}'
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Silence: a test tells what it saw by failing."""

    return Handler
