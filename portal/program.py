"""A program that the Automation API runs in this process, and that ends when the engine has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any


class InlineProgram:
    """Called by the SDK's server, in a loop and a thread of its own.

    When an update fails, the engine goes and the SDK waits for what it had asked of it, for ever: the thread would keep
    this process from ending.
    """

    def __init__(self, declare: Callable[[], object]) -> None:
        self._declare = declare
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None] | None = None

    def __call__(self) -> None:
        self._running = asyncio.get_running_loop(), asyncio.current_task()
        self._declare()

    def end(self) -> None:
        """Whatever it still waits for; nothing if it has ended."""
        if self._running is None:
            return
        loop, task = self._running
        if task is not None:
            with suppress(RuntimeError):  # The loop is closed, so the program has ended.
                loop.call_soon_threadsafe(task.cancel)
