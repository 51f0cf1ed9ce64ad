"""A page's changes by server-sent events: each changed part is sent as an event of its name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from threading import Event
from typing import TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from console.ports import Changes

MAX_STREAMS = 16
LOOK_SECONDS = 0.5
UNASKED_SECONDS = 5.0
"""Ages grow, and other processes write, without a change that is told: so often it is rendered all the same."""
HEARTBEAT_SECONDS = 15.0
Parts: TypeAlias = Mapping[str, str]


class Streams:
    """At most MAX_STREAMS at a time; all of them end soon after `stop` is set."""

    def __init__(self, changes: Changes, stop: Event, *, look_seconds: float = LOOK_SECONDS) -> None:
        self._changes = changes
        self._stop = stop
        self._look_seconds = look_seconds
        self.open = 0

    def answer(self, render: Callable[[], Parts]) -> StreamingResponse:
        """The stream of what `render` shows, which is asked only when something may have changed."""
        if self.open >= MAX_STREAMS:
            detail = f"{MAX_STREAMS} pages are being kept up to date already: close some"
            raise HTTPException(503, detail, {"Retry-After": "10"})
        self.open += 1
        return _Counted(self._events(render), self._over)

    def _over(self) -> None:
        self.open -= 1

    async def _events(self, render: Callable[[], Parts]) -> AsyncIterator[str]:
        sent: dict[str, str] = {}
        mark, rendered_at, spoken_at = object(), 0.0, time.monotonic()
        while not self._stop.is_set():
            now, found = time.monotonic(), self._changes.mark()
            if found != mark or now - rendered_at >= UNASKED_SECONDS:
                mark, rendered_at = found, now
                parts = await run_in_threadpool(render)
                for name, html in parts.items():
                    if sent.get(name) != html:
                        sent[name], spoken_at = html, now
                        yield event(name, html)
            if now - spoken_at >= HEARTBEAT_SECONDS:
                spoken_at = now
                yield ": still here\n\n"
            await asyncio.sleep(self._look_seconds)


class _Counted(StreamingResponse):
    """Tells when it is over, however it ended."""

    def __init__(self, events: AsyncIterator[str], over: Callable[[], None]) -> None:
        super().__init__(events, media_type="text/event-stream")
        self._over = over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._over()


def event(name: str, html: str) -> str:
    """Any line end would begin a new field."""
    return f"event: {name}\n" + "".join(f"data: {line}\n" for line in html.splitlines()) + "\n"
