"""HTTP for the API function: what is too much, too fast or too slow is answered before the function hears of it."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

import msgspec

from functions.api.cors import CorsRules
from functions.api.messages import Request, Response, parse_query
from functions.api.problems import (
    BODY_TOO_LARGE,
    INTERNAL,
    INVALID_REQUEST,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TOO_MANY_REQUESTS,
    UNAVAILABLE,
    ProblemError,
    ProblemType,
    problem_response,
)
from functions.api.trace import request_id
from local_runtime.console import Console, is_for_console
from local_runtime.declarations import Api
from local_runtime.functions import Functions
from local_runtime.token_bucket import TokenBucket

Scope: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[dict[str, Any]]]
Send: TypeAlias = Callable[[dict[str, Any]], Awaitable[None]]

HEALTH_PATH = "/-/health"
BODY_SECONDS = 10.0
"""How long a body may take to arrive: the largest one is 10 MB, and the sender is on this machine."""
MAX_WAITING = 200
"""Requests in hand or waiting for a thread; beyond, the caller is told to come back."""
REQUEST_TIMEOUT = ProblemType("request-timeout", 408, "The request took too long to arrive")
GATEWAY_TIMEOUT = ProblemType("gateway-timeout", 504, "The answer took too long")


class _DisconnectedError(Exception):
    """The caller has gone, so nobody waits for an answer."""


class Server:
    """The ASGI application: the run time's own health, the console, and the API function's answers for all else."""

    def __init__(
        self,
        api: Api | None,
        functions: Functions,
        health: Callable[[], dict[str, Any]],
        console: Console | None = None,
        *,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._api = api
        self._functions = functions
        self._health = health
        self._console = console
        self._body_seconds = body_seconds
        self._bucket = TokenBucket(rate_per_second=api.rate_per_second, burst=api.burst) if api else None
        self._cors = CorsRules(tuple(api.cors_origins) if api else ())
        self._in_hand = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = _request(scope)
        body = _Body(request, receive)
        try:
            _refuse_ambiguous(request)
            if self._console is not None and is_for_console(request.path):
                await self._console(scope, receive, send)
                return
            response = await self._respond(request, body)
        except _DisconnectedError:
            return
        except ProblemError as problem:
            response = self._own_answer(problem, request)
        if body.is_pending:
            response = replace(response, headers={**response.headers, "Connection": "close"})
        await _send(response, send, head=request.method == "HEAD")

    async def _respond(self, request: Request, body: _Body) -> Response:
        if request.path == HEALTH_PATH:
            return await asyncio.to_thread(self._health_response, request)
        if self._api is None or self._bucket is None:
            raise ProblemError(NOT_FOUND, "this system declares no API")
        _refuse_excess(self._bucket)
        if self._in_hand >= MAX_WAITING:
            raise ProblemError(UNAVAILABLE, "too many requests are waiting; try again", headers={"Retry-After": "1"})
        self._in_hand += 1
        try:
            content = await self._read(body, self._api.max_body_bytes)
            return await self._call(self._api, replace(request, body=content))
        finally:
            self._in_hand -= 1

    async def _read(self, body: _Body, at_most: int) -> bytes:
        try:
            async with asyncio.timeout(self._body_seconds):
                return await body.read(at_most)
        except TimeoutError:
            detail = f"the body did not arrive within {self._body_seconds:g} s"
            raise ProblemError(REQUEST_TIMEOUT, detail) from None

    async def _call(self, api: Api, request: Request) -> Response:
        invocation = self._functions.begin(api.function, request, request_id=request.trace_id or "", api=True)
        waiting = asyncio.wrap_future(invocation.future)
        if not (await asyncio.wait({waiting}, timeout=invocation.timeout_seconds))[0]:
            self._functions.give_up(invocation)
            raise ProblemError(GATEWAY_TIMEOUT, "it may have happened all the same: look before you repeat it")
        if waiting.exception():  # Functions has logged it; its text is about our inside
            raise ProblemError(INTERNAL, "the failure is in the run time's log; try again, and report it if it lasts")
        response = waiting.result()
        if not isinstance(response, Response):
            raise ProblemError(INTERNAL, "the API function returned something that is not a response")
        return response

    def _own_answer(self, problem: ProblemError, request: Request) -> Response:
        """With all that the function's answers carry, or a web page could not read why it was refused."""
        identity = request_id(request)
        response = problem_response(problem, identity)
        headers = {
            **response.headers,
            **self._cors.headers(request.headers.get("origin")),
            "X-Request-Id": identity,
            "Cache-Control": "no-store",
        }
        return replace(response, headers=headers)

    def _health_response(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            raise ProblemError(METHOD_NOT_ALLOWED, "health can only be read: use GET", headers={"Allow": "GET, HEAD"})
        return Response(
            status=200,
            headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
            body=msgspec.json.encode(self._health()),
        )


class _Body:
    """A request's body on its way in.

    While it is pending the server's timer for idle connections does not run, so an answer has to close the connection.
    """

    def __init__(self, request: Request, receive: Receive) -> None:
        declared = request.headers.get("content-length", "0")
        self._declared = int(declared) if declared.isdigit() else 0
        self._receive = receive
        self.is_pending = self._declared > 0 or "transfer-encoding" in request.headers

    async def read(self, at_most: int) -> bytes:
        """All of it; raises ProblemError as soon as it is known to have more than `at_most` bytes."""
        if self._declared > at_most:
            raise _too_large(at_most)
        body = bytearray()
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _DisconnectedError
            body += message.get("body", b"")
            if len(body) > at_most:
                raise _too_large(at_most)
            if not message.get("more_body"):
                self.is_pending = False
                return bytes(body)


def _refuse_ambiguous(request: Request) -> None:
    """Where a body ends must not depend on who reads it: the rest would be somebody's next request."""
    if {"content-length", "transfer-encoding"} <= request.headers.keys():
        raise ProblemError(INVALID_REQUEST, "send Content-Length or Transfer-Encoding, not both")


def _refuse_excess(bucket: TokenBucket) -> None:
    wait = bucket.take()
    if wait:
        seconds = math.ceil(wait)
        raise ProblemError(
            TOO_MANY_REQUESTS, f"try again in {seconds} s, and send less at once", headers={"Retry-After": str(seconds)}
        )


def _too_large(at_most: int) -> ProblemError:
    return ProblemError(BODY_TOO_LARGE, f"a body may have {at_most} bytes at most; send less")


def _request(scope: Scope) -> Request:
    return Request(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=parse_query(scope["query_string"].decode("latin-1")),
        headers=_joined(scope["headers"]),
        trace_id=secrets.token_hex(16),
    )


def _joined(pairs: list[tuple[bytes, bytes]]) -> Mapping[str, str]:
    """A header that came several times means its values in one list."""
    headers: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def _send(response: Response, send: Send, *, head: bool) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.status not in (204, 304):
        headers.setdefault("content-length", str(len(response.body)))
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": encoded})
    await send({"type": "http.response.body", "body": b"" if head else response.body})
