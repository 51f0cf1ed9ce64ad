"""One partner reached over HTTP: a small pool, tight time limits, a bounded answer, no redirects and no retries.

Retrying is the caller's: a saga step or a queue that tries again knows how often it did, a client underneath does not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from functions.domain.errors import RetryableError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

CONNECTIONS = 10


class AddressError(ValueError):
    """The address of a partner is not one to send secrets to."""


class UnreachableError(RetryableError):
    """The partner gave no answer, or none that can be used; what was asked may have happened all the same."""

    code = "partner-unreachable"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`read_seconds` bounds each wait for data, and once more the whole of the body."""

    connect_seconds: float = 2.0
    read_seconds: float = 10.0
    max_bytes: int = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    body: bytes


class HttpClient:
    """Speaks to one address; errors name its host alone, for paths and queries of webhooks are secrets often enough."""

    def __init__(self, url: str, limits: Limits | None = None) -> None:
        check_address(url)
        self._url = url
        self._limits = limits or Limits()
        self.host = urlsplit(url).hostname or ""

    def get(self, path: str = "") -> Reply:
        return self._exchange("GET", path, {}, None)

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return self._exchange("POST", path, {"Content-Type": "application/json", **headers}, body)

    def put(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return self._exchange("PUT", path, headers, body)

    @cached_property
    def _pool(self) -> PoolManager:
        import urllib3

        timeout = urllib3.Timeout(connect=self._limits.connect_seconds, read=self._limits.read_seconds)
        return urllib3.PoolManager(maxsize=CONNECTIONS, retries=False, timeout=timeout)

    def _exchange(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        import urllib3

        url = self._url.rstrip("/") + path if path else self._url
        try:
            response = self._pool.request(
                method, url, headers=dict(headers), body=body, preload_content=False, redirect=False
            )
            try:
                reply = Reply(status=response.status, body=self._bounded(response))
            except BaseException:
                response.close()  # half read, it is of no more use; its socket would stay open
                raise
            response.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise UnreachableError(f"{self.host} did not answer {method}: {type(error).__name__}") from None
        if 300 <= reply.status < 400:
            raise UnreachableError(
                f"{self.host} answered {reply.status}: redirects are not followed, configure the address it points to"
            )
        return reply

    def _bounded(self, response: BaseHTTPResponse) -> bytes:
        deadline = time.monotonic() + self._limits.read_seconds
        body = bytearray()
        while chunk := response.read1(self._limits.max_bytes):
            body += chunk
            if len(body) > self._limits.max_bytes:
                raise UnreachableError(f"{self.host} answered with more than {self._limits.max_bytes} bytes")
            if time.monotonic() > deadline:
                raise UnreachableError(f"{self.host} did not end its answer in {self._limits.read_seconds:g} s")
        return bytes(body)


def check_address(url: str) -> None:
    """Raises AddressError unless it is https, or http to this very machine."""
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise AddressError("an address holds a user name or password: keep those in a secret")
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise AddressError(f"the address {_shown(url)} is not one: write https://host/path")
    if parts.scheme == "http" and not _is_loopback(parts.hostname):
        raise AddressError(f"the address {_shown(url)} is not encrypted: use https (http is for loopback alone)")


def _shown(url: str) -> str:
    parts = urlsplit(url)
    return repr(f"{parts.scheme}://{parts.hostname}") if parts.hostname else "given"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
