"""Where the token issuer's public keys (JWKS) are read from: a file of this machine, or the issuer's web address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from functions.adapters.http.client import AddressError, HttpClient, Limits, UnreachableError

LIMITS = Limits(connect_seconds=2.0, read_seconds=3.0, max_bytes=256 * 1024)
"""Narrow, because a caller's request waits for it."""


def key_document(location: str) -> Callable[[], bytes]:
    """A function that reads the document at a `file:` or `https:` location; raises AddressError for any other."""
    parts = urlsplit(location)
    if parts.scheme != "file":
        return _read_web(HttpClient(location, LIMITS))
    if parts.netloc not in ("", "localhost") or not parts.path:
        raise AddressError(f"the location {location!r} is not a file of this machine: write file:///path/jwks.json")
    return _read_file(Path(unquote(parts.path)))


def _read_file(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        with path.open("rb") as file:
            document = file.read(LIMITS.max_bytes + 1)
        if len(document) > LIMITS.max_bytes:
            raise UnreachableError(f"the key document has more than {LIMITS.max_bytes} bytes")
        return document

    return read


def _read_web(client: HttpClient) -> Callable[[], bytes]:
    def read() -> bytes:
        reply = client.get()
        if reply.status != 200:
            raise UnreachableError(f"{client.host} answered {reply.status} instead of the key document")
        return reply.body

    return read
