"""HTTP as the Functions host has it, to requests of ours and back."""

from __future__ import annotations

from urllib.parse import urlsplit

from azure.functions import HttpRequest, HttpResponse

from functions.api.messages import Request, Response, parse_query


def request_of(sent: HttpRequest, *, trace_id: str | None = None) -> Request:
    """The path and the query are those of the address, which the host leaves encoded."""
    path, query = _path_and_query(sent.url)
    return Request(
        method=sent.method.upper(),
        path=path,
        query=parse_query(query),
        headers={name.lower(): value for name, value in sent.headers.items()},
        body=sent.get_body(),
        trace_id=trace_id,
    )


def reply_of(response: Response, *, to_head: bool = False) -> HttpResponse:
    return HttpResponse(
        body=b"" if to_head else response.body, status_code=response.status, headers=dict(response.headers)
    )


def _path_and_query(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:  # a host that is none, which the caller has chosen
        return "/", ""
    return parts.path or "/", parts.query
