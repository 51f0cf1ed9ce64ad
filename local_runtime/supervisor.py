"""Keeps loops going: one that fails is logged, shown and started again after a wait that doubles."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from threading import Event
from typing import Any, Protocol

from local_runtime.errors import RunTimeError

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 30.0
HEALTHY_SECONDS = 60.0
"""A loop that went on for so long before it failed again starts with the first wait."""
logger = logging.getLogger(__name__)


class Loop(Protocol):
    def run(self, stop: Event) -> None:
        """Go on until `stop` is set; look at it soon after `wake`."""
        ...

    def wake(self) -> None: ...


class Supervisor:
    """One thread for each loop."""

    def __init__(self, loops: Mapping[str, Loop], *, first_wait: float = FIRST_WAIT_SECONDS) -> None:
        self._stop = Event()
        self._kept = [_Kept(name, loop, self._stop, first_wait) for name, loop in loops.items()]

    def start(self) -> None:
        for kept in self._kept:
            kept.thread.start()

    def ask_to_stop(self) -> None:
        self._stop.set()
        for kept in self._kept:
            kept.loop.wake()

    def wait(self, seconds: float) -> list[str]:
        """Until every loop has ended or the time is up; returns the names of those that have not."""
        deadline = time.monotonic() + seconds
        for kept in self._kept:
            kept.thread.join(max(0.0, deadline - time.monotonic()))
        return [kept.name for kept in self._kept if kept.thread.is_alive()]

    def health(self) -> dict[str, Any]:
        """For each loop: whether it runs, how often it was started again, and what it last failed with."""
        return {kept.name: kept.health() for kept in self._kept}


class _Kept:
    def __init__(self, name: str, loop: Loop, stop: Event, first_wait: float) -> None:
        self.name = name
        self.loop = loop
        self.thread = threading.Thread(target=self._keep, name=name, daemon=True)
        self._stop = stop
        self._first_wait = first_wait
        self._restarts = 0
        self._is_running = True
        self._last_error: str | None = None

    def health(self) -> dict[str, Any]:
        return {"running": self._is_running, "restarts": self._restarts, "last_error": self._last_error}

    def _keep(self) -> None:
        wait = self._first_wait
        while not self._stop.is_set():
            began = time.monotonic()
            self._is_running = True
            try:
                self.loop.run(self._stop)
            except Exception as error:
                says_it_all = isinstance(error, RunTimeError)
                logger.error("loop failed", extra={"loop": self.name, "why": str(error)}, exc_info=not says_it_all)
                self._last_error = f"{type(error).__name__}: {error}"
                self._restarts += 1
            if time.monotonic() - began > HEALTHY_SECONDS:
                wait = self._first_wait
            self._is_running = False
            self._stop.wait(wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)
