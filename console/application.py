"""The console as an ASGI application: pages to read, streams of what changes on them, and the few things one can do."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from threading import Event
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from console import views
from console.assets import asset
from console.guard import Guard, read_form
from console.pages import FAULTS, PAGES, Page
from console.ports import Fault, FaultRefusedError, UnwritableError
from console.rendering import Templates
from console.site import Site
from console.streams import Streams
from operations.ports import NoSuchQueueError

logger = logging.getLogger(__name__)


def application(site: Site, stop: Event) -> ASGIApp:
    """Answers everything under the site's prefix; `stop` ends the streams."""
    return Guard(_Console(site, Streams(site.changes, stop)).application, site.prefix)


class _Console:
    def __init__(self, site: Site, streams: Streams) -> None:
        self._site = site
        self._streams = streams
        self._templates = Templates(site)
        self.application = Starlette(
            routes=self._routes(),
            exception_handlers={
                HTTPException: self._refused,
                UnwritableError: self._not_kept,
                ClientDisconnect: _unheard,
                Exception: self._failed,
            },
        )

    def _routes(self) -> list[Route]:
        prefix = self._site.prefix
        doing = {
            "/queues/{queue}/redrive": self._redrive,
            "/faults/arm": self._arm,
            "/faults/disarm": self._disarm,
        }
        return [
            Route(f"{prefix}/assets/{{address}}", asset),
            *(Route(f"{prefix}{path}", does, methods=["POST"]) for path, does in doing.items()),
            *(Route(f"{prefix}{page.path}/live", self._live(page)) for page in PAGES),
            *(Route(f"{prefix}{page.path}" or "/", self._whole(page)) for page in PAGES),
            Route(f"{prefix}/find", self._find),
            Route(f"{prefix}/", self._home),
        ]

    def _whole(self, page: Page) -> Callable[[Request], Response]:
        """Not a coroutine, so that it may wait for the system in a thread."""

        def answer(request: Request) -> Response:
            return self._html(page, {**page.view(self._site, request), "live": self._stream_of(request)})

        return answer

    def _live(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            _require_listener(request)

            def render() -> dict[str, str]:
                view = {**page.view(self._site, request), "page": page}
                return {part: self._templates.part(part, view) for part in page.parts}

            await run_in_threadpool(page.view, self._site, request)  # what is refused, is refused before it begins
            return self._streams.answer(render)

        return answer

    def _stream_of(self, request: Request) -> str:
        query = f"?{request.url.query}" if request.url.query else ""
        return f"{request.url.path.rstrip('/')}/live{query}"

    def _html(self, page: Page, view: views.View, status: int = 200) -> Response:
        return HTMLResponse(self._templates.page(page.name, {**view, "page": page}), status)

    def _home(self, request: Request) -> Response:
        return RedirectResponse(self._site.prefix, 308)

    def _find(self, request: Request) -> Response:
        asked = request.query_params.get("order_id", "").strip()
        return self._see(f"/orders/{quote(asked, safe='')}" if asked else "/orders")

    async def _redrive(self, request: Request) -> Response:
        fields = await read_form(request, self._site.token)
        name = request.path_params["queue"]
        try:
            sent = await run_in_threadpool(
                self._site.operations.dead_letters.redrive, name, message_id=fields.get("id") or None
            )
        except NoSuchQueueError as error:
            raise HTTPException(404, str(error)) from None
        logger.info("dead letters sent back", extra={"queue": name, "count": sent})
        return self._see(f"/queues/{quote(name, safe='')}?sent={sent}")

    async def _arm(self, request: Request) -> Response:
        fields = await read_form(request, self._site.token)
        return await run_in_threadpool(self._armed, request, fields)

    def _armed(self, request: Request, fields: dict[str, str]) -> Response:
        filled = {name: fields.get(name, "") for name in ("task", "fault", "orders")}
        try:
            fault, orders = _asked(filled)
            views.require_faults(self._site).arm(filled["task"], fault, orders)
        except FaultRefusedError as error:
            view = {**views.faults(self._site, request), "refused": str(error), "filled": filled}
            return self._html(FAULTS, {**view, "live": f"{self._site.prefix}/faults/live"}, 422)
        return self._see("/faults")

    async def _disarm(self, request: Request) -> Response:
        fields = await read_form(request, self._site.token)
        try:
            await run_in_threadpool(views.require_faults(self._site).disarm, fields.get("task", ""))
        except FaultRefusedError as error:
            raise HTTPException(422, str(error)) from None
        return self._see("/faults")

    def _see(self, path: str) -> Response:
        """The page to read now, whatever was done: loading that again does nothing again."""
        return RedirectResponse(f"{self._site.prefix}{path}", 303)

    def _refused(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, HTTPException):
            raise error
        is_ours = error.detail != HTTPStatus(error.status_code).phrase
        detail = error.detail if is_ours else "there is no such page: the links above lead to those that there are"
        return self._refusal(error.status_code, detail, error.headers)

    def _not_kept(self, request: Request, error: Exception) -> Response:
        return self._refusal(503, str(error))

    def _failed(self, request: Request, error: Exception) -> Response:
        detail = "the page could not be made: the failure is in the log; load it again, and report it if it lasts"
        return self._refusal(500, detail)

    def _refusal(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
        return HTMLResponse(self._templates.page("refused", {"status": status, "detail": detail}), status, headers)


def _unheard(request: Request, error: Exception) -> Response:
    """Whoever asked has gone."""
    return Response(status_code=400)


def _require_listener(request: Request) -> None:
    """A stream takes a place, and is held by a page that listens to it alone: not looked at, nor asked whether it is.

    Raises HTTPException.
    """
    if request.method != "GET":
        raise HTTPException(405, "a stream can only be listened to: use GET", {"Allow": "GET"})
    if request.headers.get("sec-fetch-mode") == "navigate":
        raise HTTPException(403, "this is what a page listens to, and no page: the links above lead to pages")


def _asked(filled: dict[str, str]) -> tuple[Fault, int]:
    """Raises FaultRefusedError."""
    try:
        fault = Fault(filled["fault"])
    except ValueError:
        raise FaultRefusedError(f"{filled['fault'][:40]!r} is no fault; choose one of {', '.join(Fault)}") from None
    orders = filled["orders"]
    if not (orders.isascii() and orders.isdigit() and len(orders) <= 6 and 1 <= int(orders) <= views.MAX_ORDERS):
        raise FaultRefusedError(f"{orders[:40]!r} orders are not allowed; allowed are 1 to {views.MAX_ORDERS}")
    return fault, int(orders)
