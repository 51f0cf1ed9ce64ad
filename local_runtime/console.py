"""The place of the console under the run time's address: loaded when somebody first asks for it, never at start-up."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeAlias

from local_runtime.declared import Declared
from local_runtime.faults import Faults
from local_runtime.home import Home
from local_runtime.store import Store

PREFIX = "/console"
MAKER = "console.local:console"
"""It is called with Watched and the Event that ends its streams; known by name only, as the handlers are."""
Application: TypeAlias = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Watched:
    """What the console may see of a run time and do to it; `health` is what /-/health answers."""

    home: Home
    declared: Declared
    store: Store
    faults: Faults
    health: Callable[[], dict[str, Any]]


class Console:
    """An ASGI application."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._stop = Event()
        self._loading = asyncio.Lock()
        self._application: Application | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ANN401 -- ASGI has no type
        application = self._application or await self._load()
        await application(scope, receive, send)

    def end_streams(self) -> None:
        """Soon: pages that are being kept up to date would hold up the end of the run time."""
        self._stop.set()

    async def _load(self) -> Application:
        """Once, in a thread, since requests to the API are answered meanwhile."""
        async with self._loading:
            if self._application is None:
                self._application = await asyncio.to_thread(self._made)
            return self._application

    def _made(self) -> Application:
        module, _, name = MAKER.partition(":")
        application: Application = getattr(importlib.import_module(module), name)(self._watched, self._stop)
        return application


def is_for_console(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")
