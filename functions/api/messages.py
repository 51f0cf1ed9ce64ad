"""What every entry point hands to the API and gets back, whatever gateway stands in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

MAX_QUERY_FIELDS = 20


@dataclass(frozen=True, kw_only=True)
class Request:
    """An HTTP request; `path` is as it was sent, without the query, and header names are lower-case.

    `claims` is set only where a gateway that cannot be walked round has verified the token: they are believed.
    `trace_id` is the platform's own id of this request, if it has one.
    """

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    claims: Mapping[str, object] | None = None
    trace_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Response:
    """An HTTP response; the server in front adds Content-Length and Date."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def parse_query(raw: str) -> dict[str, tuple[str, ...]]:
    """The text after the `?`; a query of more than MAX_QUERY_FIELDS fields is cut off there: no route has so many."""
    fields = "&".join(raw.split("&", MAX_QUERY_FIELDS)[:MAX_QUERY_FIELDS])
    return {name: tuple(values) for name, values in parse_qs(fields, keep_blank_values=True).items()}
