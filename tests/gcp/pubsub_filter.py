"""Filters of Pub/Sub subscriptions: what the service's grammar takes, and which attributes pass.

cloud.google.com/pubsub/docs/subscription-message-filter: `attributes:key`, `attributes.key = "v"`, `attributes.key !=
"v"`, `hasPrefix(attributes.key, "v")`, NOT, AND and OR in capitals; AND and OR are mixed with parentheses only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

MOST_BYTES = 256
TOKEN = re.compile(r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<word>[A-Za-z_][A-Za-z0-9_-]*)|(?P<sign>!=|[=:.,()]|-))')
Attributes: TypeAlias = Mapping[str, str]
Test: TypeAlias = Callable[[Attributes], bool]


class FilterError(ValueError):
    """The service would refuse the filter."""


def parsed(text: str) -> Test:
    """Which attributes pass. FilterError for what the service refuses."""
    if len(text.encode()) > MOST_BYTES:
        raise FilterError(f"has {len(text.encode())} bytes; allowed are {MOST_BYTES}")
    reader = _Reader(_tokens(text))
    found = reader.expression()
    reader.expect_end()
    return found


def _tokens(text: str) -> list[str]:
    tokens, place = [], 0
    while place < len(text.rstrip()):
        found = TOKEN.match(text, place)
        if not found:
            raise FilterError(f"cannot be read at character {place}")
        tokens.append(found.group().strip())
        place = found.end()
    return tokens


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._place = tokens, 0

    def expression(self) -> Test:
        parts = [self._term()]
        joined = self._peek() if self._peek() in ("AND", "OR") else ""
        while joined and self._peek() in ("AND", "OR"):
            if self._next() != joined:
                raise FilterError("mixes AND and OR without parentheses")
            parts.append(self._term())
        joins = all if joined == "AND" else any
        return parts[0] if len(parts) == 1 else lambda attributes: joins(part(attributes) for part in parts)

    def expect_end(self) -> None:
        if self._place < len(self._tokens):
            raise FilterError(f"does not end before {self._peek()}")

    def _term(self) -> Test:
        if self._peek() in ("NOT", "-"):
            self._next()
            negated = self._term()
            return lambda attributes: not negated(attributes)
        if self._peek() == "(":
            self._next()
            inner = self.expression()
            self._expect(")")
            return inner
        return self._prefix() if self._peek() == "hasPrefix" else self._comparison()

    def _comparison(self) -> Test:
        self._expect("attributes")
        if self._peek() == ":":
            self._next()
            key = self._key()
            return lambda attributes: key in attributes
        key, sign = self._member(), self._next()
        if sign not in ("=", "!="):
            raise FilterError(f"compares {key} by {sign}; there are = and !=")
        value = self._text()
        # an attribute that is not there is equal to nothing, and unequal to everything
        return lambda attributes: (attributes.get(key) == value) is (sign == "=")

    def _prefix(self) -> Test:
        self._next()
        self._expect("(")
        self._expect("attributes")
        key = self._member()
        self._expect(",")
        value = self._text()
        self._expect(")")
        return lambda attributes: attributes.get(key, "").startswith(value) and key in attributes

    def _member(self) -> str:
        self._expect(".")
        return self._key()

    def _key(self) -> str:
        token = self._next()
        return token[1:-1] if token.startswith('"') else token

    def _text(self) -> str:
        token = self._next()
        if not token.startswith('"'):
            raise FilterError(f"compares with {token}, which is not in quotes")
        return re.sub(r"\\(.)", r"\1", token[1:-1])

    def _peek(self) -> str:
        return self._tokens[self._place] if self._place < len(self._tokens) else "its end"

    def _next(self) -> str:
        found = self._peek()
        self._place += 1
        return found

    def _expect(self, token: str) -> None:
        if (found := self._next()) != token:
            raise FilterError(f"has {found} where {token} is expected")
