"""Which web pages may call the API; the browser asks, and these headers answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ALLOWED_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "traceparent")
EXPOSED_HEADERS = ("Location", "Retry-After", "X-Request-Id")
MAX_AGE_SECONDS = 600


@dataclass(frozen=True)
class CorsRules:
    """The origins that may call, as in `https://shop.example`; `*` is every one. Cookies are never allowed."""

    origins: tuple[str, ...] = ()

    def headers(self, origin: str | None) -> dict[str, str]:
        """For every response; an origin that may not call gets none that would let its page read it."""
        if "*" in self.origins:
            return {"Access-Control-Allow-Origin": "*", **_EXPOSED}
        if not self.origins:
            return {}
        allowed = {"Access-Control-Allow-Origin": origin, **_EXPOSED} if origin in self.origins and origin else {}
        return {**allowed, "Vary": "Origin"}  # also without an origin: a cache must not serve that answer to a page

    def preflight(self, request_headers: Mapping[str, str], methods: tuple[str, ...]) -> dict[str, str]:
        """For the answer to a preflight, besides `headers`; empty when it is none, or the origin may not call."""
        origin = request_headers.get("origin")
        if "access-control-request-method" not in request_headers:
            return {}
        if "Access-Control-Allow-Origin" not in self.headers(origin):
            return {}
        return {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": ", ".join(ALLOWED_HEADERS),
            "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        }


_EXPOSED = {"Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS)}
