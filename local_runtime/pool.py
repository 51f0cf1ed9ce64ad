"""Threads for handlers: at most so many at a time, and one that never returns costs its thread but not its place."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeAlias

MAX_GIVEN_UP = 100
"""So many hung threads are replaced; beyond that places are lost, so that memory stays bounded."""
_Job: TypeAlias = "tuple[Future[Any], Callable[[], Any]]"


class WorkerPool:
    """Daemon threads, made when they are needed; a process can end while one of them hangs."""

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._jobs: SimpleQueue[_Job] = SimpleQueue()
        self._running: set[Future[Any]] = set()
        self._threads = 0
        self._unmanned = 0
        """Jobs that no thread has taken yet, less the threads that wait for one."""
        self.given_up = 0
        self._change = threading.Lock()

    def submit(self, work: Callable[[], Any]) -> Future[Any]:
        """Run `work` as soon as there is a place; the future also holds what it raised."""
        future: Future[Any] = Future()
        with self._change:
            self._unmanned += 1
            self._staff()
        self._jobs.put((future, work))
        return future

    def give_up(self, future: Future[Any]) -> None:
        """Wait for this call no longer: it never starts, or goes on unheard while another thread takes its place."""
        if future.cancel():
            return
        with self._change:
            if future in self._running and self.given_up < MAX_GIVEN_UP:
                self._running.discard(future)
                self.given_up += 1
                self._threads -= 1
                self._staff()

    def _staff(self) -> None:
        if self._unmanned > 0 and self._threads < self._size:
            self._threads += 1
            threading.Thread(target=self._work_on, name=self._name, daemon=True).start()

    def _work_on(self) -> None:
        while True:
            future, work = self._next_job()
            if future.set_running_or_notify_cancel():
                _run(future, work)
            with self._change:
                if future not in self._running:
                    self.given_up -= 1
                    return
                self._running.discard(future)

    def _next_job(self) -> _Job:
        with self._change:
            self._unmanned -= 1
        job = self._jobs.get()
        with self._change:
            self._running.add(job[0])
        return job


def _run(future: Future[Any], work: Callable[[], Any]) -> None:
    try:
        result = work()
    except BaseException as error:  # noqa: BLE001 -- it belongs to the caller, who waits in another thread
        future.set_exception(error)
    else:
        future.set_result(result)
