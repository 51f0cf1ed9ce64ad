"""The id under which one request is found in every log."""

from __future__ import annotations

import re
import secrets

from functions.api.messages import Request

_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


def trace_id(traceparent: str) -> str | None:
    """The trace of a W3C `traceparent` header; None where the header is not well-formed."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if not found or (traceparent.startswith("00") and found[2]):
        return None
    return found[1]


def request_id(request: Request) -> str:
    """The caller's X-Request-Id if it is harmless, else the platform's trace, else the W3C trace, else a new id."""
    for candidate in (
        request.headers.get("x-request-id"),
        request.trace_id,
        trace_id(request.headers.get("traceparent", "")),
    ):
        if candidate and _SANE.fullmatch(candidate):
            return candidate
    return secrets.token_hex(16)
