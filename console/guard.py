"""Keeps other web pages out: what is not asked by the console's own pages, on this machine, is refused.

A page of another origin may point its own name at 127.0.0.1 (DNS rebinding), so the Host has to be a loopback name with
our port; it may post a form to us, so a POST has to come from our origin and carry the token that only our pages have;
and it may not as much as load something of ours, so whatever a browser marks as another site's is refused, but for
following a link.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES = ("127.0.0.1", "localhost")
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MAX_FORM_BYTES = 4096
FORM_SECONDS = 10.0


class Guard:
    """An ASGI application around the console's own."""

    def __init__(self, inside: ASGIApp, prefix: str) -> None:
        self._inside = inside
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = Headers(scope=scope)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message), is_last=_has_body(asked))
            await send(message)

        refused = self._refusal(scope["method"], asked, scope["server"][1])
        answer = PlainTextResponse(refused[1], refused[0]) if refused else self._inside
        await answer(scope, receive, guarded)

    def _refusal(self, method: str, headers: Headers, port: int) -> tuple[int, str] | None:
        """Status and reason, or None for a request that may go on."""
        host = headers.get("host", "")
        if host not in own_hosts(port):
            own = f"http://127.0.0.1:{port}{self._prefix}"
            return 421, f"the console is for this machine alone: open it as {own}, not as {host[:100]!r}\n"
        site, mode = headers.get("sec-fetch-site", ""), headers.get("sec-fetch-mode", "")
        if method in ("GET", "HEAD"):
            is_ours = site in ("", "same-origin", "none") or mode == "navigate"
        else:
            is_ours = _is_posted_by_us(headers.get("origin", "null"), f"http://{host}", site)
        return None if is_ours else (403, "another web page asked for this: only the console's own pages may\n")


def _protect(headers: MutableHeaders, *, is_last: bool) -> None:
    """`is_last` for a request with a body: the rest of one that nobody read would hold the connection for ever, since
    the server's timer for idle ones does not run while it is awaited.
    """
    headers.update(HEADERS)
    headers.setdefault("Cache-Control", "no-store")
    if is_last:
        headers["Connection"] = "close"


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def own_hosts(port: int) -> frozenset[str]:
    with_port = {f"{name}:{port}" for name in LOOPBACK_NAMES}
    return frozenset(with_port | set(LOOPBACK_NAMES) if port == 80 else with_port)


def _is_posted_by_us(origin: str, own: str, site: str) -> bool:
    """A form of ours has the origin `null`, since no referrer is told; then the browser has to vouch for it."""
    if origin == "null":
        return site == "same-origin"
    return origin == own and site in ("", "same-origin")


async def read_form(request: Request, token: str) -> dict[str, str]:
    """The fields of one of our forms; raises HTTPException, whose detail is for the person who sent it."""
    try:
        async with asyncio.timeout(FORM_SECONDS):
            body = await _body(request)
    except TimeoutError:
        raise HTTPException(408, f"the form did not arrive within {FORM_SECONDS:g} s: send it again") from None
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if not hmac.compare_digest(fields.get("token", "").encode(), token.encode()):
        raise HTTPException(403, "the system was started again since this page was loaded: load the page again")
    return fields


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413, f"a form has {MAX_FORM_BYTES} bytes at most: send less")
    return bytes(body)
