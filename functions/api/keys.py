"""The issuer's public keys, read from its JWKS document and kept for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from functions import structs
from functions.domain.errors import RetryableError

if TYPE_CHECKING:
    from jwt import PyJWK

LIFETIME_SECONDS = 300
SECONDS_BETWEEN_READS = 10
"""A flood of unknown key ids costs one read in this time, not one each."""
KEEP_SECONDS = 3600
"""So long the last known keys hold while the issuer's document cannot be read."""
MAX_KEYS = 100
MIN_RSA_BITS = 2048

logger = logging.getLogger(__name__)


class KeyUnknownError(Exception):
    """The issuer has no such key."""


class KeysUnavailableError(RetryableError):
    """There are no keys to verify with: the issuer's document could not be read."""

    code = "token-keys-unavailable"


class KeySet:
    """The keys by id; read again when they are old, and when a token names one that is not among them."""

    def __init__(self, read: Callable[[], bytes], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: Mapping[str, PyJWK] = {}
        self._read_at: float | None = None
        self._tried_at: float | None = None

    def find(self, key_id: str) -> PyJWK:
        """Raises KeyUnknownError, or KeysUnavailableError when nothing is known. One thread reads, the others wait."""
        with self._lock:
            if key_id not in self._keys or self._age(self._read_at) > LIFETIME_SECONDS:
                self._refresh()
            if self._age(self._read_at) > KEEP_SECONDS:
                raise KeysUnavailableError("the token issuer's keys could not be read; see the log for the cause")
        try:
            return self._keys[key_id]
        except KeyError:
            raise KeyUnknownError from None

    def _refresh(self) -> None:
        if self._age(self._tried_at) < SECONDS_BETWEEN_READS:
            return
        self._tried_at = self._clock()
        try:
            self._keys = dict(usable_keys(self._read()))
            self._read_at = self._clock()
        except (OSError, ValueError, RecursionError, RetryableError) as error:
            logger.warning("the token issuer's keys could not be read", extra={"cause": str(error)})

    def _age(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._clock() - moment


def usable_keys(document: bytes) -> Iterator[tuple[str, PyJWK]]:
    """The keys of a JWKS document that may verify a token; others (secret, weak, for encryption) are passed over."""
    from jwt import PyJWK, PyJWTError

    for entry in structs.decode(document, _Document).keys[:MAX_KEYS]:
        algorithm = _algorithm(entry)
        if algorithm is None:
            continue
        try:
            key = PyJWK(dict(entry), algorithm)
        except PyJWTError as error:
            logger.warning("a key of the token issuer cannot be used", extra={"cause": type(error).__name__})
            continue
        if key.key_type != "RSA" or key.key.key_size >= MIN_RSA_BITS:
            yield str(entry["kid"]), key


_ALGORITHMS = {"EC P-256": "ES256", "RSA": "RS256"}


class _Document(msgspec.Struct):
    keys: list[dict[str, object]]


def _algorithm(entry: Mapping[str, object]) -> str | None:
    """The one algorithm this key may be used with, by its kind: what the token says does not count."""
    if "d" in entry or not isinstance(entry.get("kid"), str) or entry.get("use", "sig") != "sig":
        return None
    algorithm = _ALGORITHMS.get(f"{entry.get('kty')} {entry.get('crv', '')}".strip())
    return algorithm if entry.get("alg", algorithm) == algorithm else None
