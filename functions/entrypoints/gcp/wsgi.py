"""HTTP as functions-framework has it, which is Flask's, to requests of ours and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import flask
from werkzeug.exceptions import ClientDisconnected

from functions.api.messages import Request, Response, parse_query
from functions.api.problems import INVALID_REQUEST, ProblemError
from functions.api.trace import trace_id

CHUNK_BYTES = 64 * 1024
_CLOUD_TRACE = re.compile(r"(?!0{32})([0-9a-f]{32})(/\d+)?(;.*)?")


class CutOffError(ProblemError):
    """The connection ended within the body."""

    def __init__(self) -> None:
        super().__init__(INVALID_REQUEST, "the body ended before it was whole: send the request again")


def request_of(sent: flask.Request) -> Request:
    """Without its body."""
    headers = {name.lower(): value for name, value in sent.headers.items()}
    return Request(
        method=sent.method.upper(),
        path=_path(sent),
        query=parse_query(sent.query_string.decode(errors="replace")),
        headers=headers,
        trace_id=trace_id(headers.get("traceparent", "")) or cloud_trace_id(headers),
    )


def body_of(sent: flask.Request, *, max_bytes: int) -> bytes:
    """Of one that is larger, `max_bytes`; raises a 400 for one that did not arrive whole.

    Read to its end, for the framework does so anyway, and would keep all of it.
    """
    kept, arrived = bytearray(), 0
    try:
        while chunk := sent.stream.read(CHUNK_BYTES):
            kept += chunk[: max_bytes - len(kept)]
            arrived += len(chunk)
    except (ClientDisconnected, OSError):
        raise CutOffError from None
    if arrived < (sent.content_length or 0):  # gunicorn ends such a body as if it were whole
        raise CutOffError
    return bytes(kept)


def reply_of(response: Response) -> flask.Response:
    reply = flask.Response(response.body, response.status, dict(response.headers))
    if "Content-Type" not in response.headers:
        del reply.headers["Content-Type"]  # Flask calls everything HTML that does not say what it is
    return reply


def cloud_trace_id(headers: Mapping[str, str]) -> str | None:
    """Of Google's own header, which is older than `traceparent`: TRACE/SPAN;o=OPTIONS."""
    found = _CLOUD_TRACE.fullmatch(headers.get("x-cloud-trace-context", ""))
    return found[1] if found else None


def _path(sent: flask.Request) -> str:
    """As it was sent, where the server tells: what Flask has is decoded, and a `%2F` in it is a `/`."""
    raw = sent.environ.get("RAW_URI")
    if not isinstance(raw, str):
        return quote(sent.path)
    path = raw.partition("?")[0]
    return path if path.startswith("/") else _path_of_address(path)


def _path_of_address(text: str) -> str:
    """A request line may have a whole address: RFC 9112, 3.2.2."""
    try:
        return urlsplit(text).path or "/"
    except ValueError:
        return "/"
