"""Calls functions by name: each in a thread of a bounded pool, with its own variables, grants and deadline."""

from __future__ import annotations

import importlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeAlias

from functions import logs
from local_runtime.client import Client, Context
from local_runtime.declarations import Function
from local_runtime.errors import RunTimeError
from local_runtime.pool import WorkerPool

Handler: TypeAlias = Callable[[Any, Context], Any]
ERROR_WINDOW_SECONDS = 300.0
"""How long a failed call counts for the alarm on function errors."""
logger = logging.getLogger(__name__)


class HandlerError(RunTimeError):
    """The handler that a function was declared with cannot be called."""


class FunctionTimeoutError(Exception):
    """The handler had not returned in time; it may still be at work, but nobody listens to it any more."""

    def __init__(self, function: str, seconds: float) -> None:
        super().__init__(f"function {function} did not return within {seconds:g} s")


@dataclass(frozen=True)
class Invocation:
    """A call under way; `timeout_seconds` is counted from its start by whoever waits for it."""

    function: str
    future: Future[Any]
    timeout_seconds: float


class Caller(Protocol):
    """The part of Functions that a loop needs: call one and wait, for what it returns or the error that it raises."""

    def call(self, name: str, event: object) -> object: ...


class Functions:
    """Every declared function. Two pools, so that slow work in the background never keeps a request waiting."""

    def __init__(
        self, declared: Mapping[str, Function], client_for: Callable[[Function], Client], *, background: int, api: int
    ) -> None:
        self._declared = declared
        self._clients = {name: client_for(function) for name, function in declared.items()}
        self._handlers: dict[str, Handler] = {}
        self._pools = {False: WorkerPool("function", background), True: WorkerPool("api", api)}
        self._errors: deque[tuple[float, str]] = deque(maxlen=10_000)

    def load(self) -> None:
        """Import every handler, so that a wrong name is found before anything is served; raises HandlerError."""
        for name in self._declared:
            self._handler(name)

    def begin(
        self, name: str, event: object, *, timeout_seconds: float | None = None, request_id: str = "", api: bool = False
    ) -> Invocation:
        """Start a call and return; the shorter of the caller's and the function's timeout holds."""
        function = self._declared[name]
        seconds = self._seconds(name, timeout_seconds)
        context = Context(
            function=name,
            environment=function.environment,
            client=self._clients[name],
            request_id=request_id or secrets.token_hex(16),
            deadline=datetime.now(UTC) + timedelta(seconds=seconds),
        )
        future = self._pools[api].submit(lambda: self._perform(name, event, context))
        return Invocation(name, future, seconds)

    def call(self, name: str, event: object) -> Any:  # noqa: ANN401 -- handlers differ
        """Call and wait; raises what the handler raised, or FunctionTimeoutError."""
        invocation = self.begin(name, event)
        try:
            return invocation.future.result(invocation.timeout_seconds)
        except TimeoutError:
            if invocation.future.done() and not invocation.future.cancelled():
                return invocation.future.result()
            raise self.give_up(invocation) from None

    def fail(self, name: str, error: Exception) -> Invocation:
        """A call that is not performed, but counted and logged as one that failed at once."""
        self._note_error(name, error)
        future: Future[Any] = Future()
        future.set_exception(error)
        return Invocation(name, future, self._declared[name].timeout_seconds)

    def stall(self, name: str, *, timeout_seconds: float | None = None) -> Invocation:
        """A call that is not performed and never answers; until it is given up it holds no thread."""
        return Invocation(name, Future(), self._seconds(name, timeout_seconds))

    def give_up(self, invocation: Invocation) -> FunctionTimeoutError:
        """Stop waiting for a call; returns the error that says so."""
        for pool in self._pools.values():
            pool.give_up(invocation.future)
        error = FunctionTimeoutError(invocation.function, invocation.timeout_seconds)
        self._note_error(invocation.function, error)
        return error

    def recent_errors(self, name: str = "") -> int:
        """Failed calls of one function (empty: of all) in the last five minutes."""
        since = time.monotonic() - ERROR_WINDOW_SECONDS
        return sum(1 for at, function in list(self._errors) if at >= since and name in ("", function))

    def hung(self) -> int:
        """Threads that are still in a handler which was given up."""
        return sum(pool.given_up for pool in self._pools.values())

    def _seconds(self, name: str, asked: float | None) -> float:
        own = self._declared[name].timeout_seconds
        return min(own, asked or own)

    def _perform(self, name: str, event: object, context: Context) -> object:
        try:
            with logs.context(function=name):
                return self._handler(name)(event, context)
        except Exception as error:
            self._note_error(name, error)
            raise

    def _note_error(self, name: str, error: Exception) -> None:
        self._errors.append((time.monotonic(), name))
        logger.warning("function failed", extra={"function": name}, exc_info=error)

    def _handler(self, name: str) -> Handler:
        if name not in self._handlers:
            self._handlers[name] = _resolve(name, self._declared[name].handler)
        return self._handlers[name]


def _resolve(function: str, handler: str) -> Handler:
    module, _, attribute = handler.partition(":")
    try:
        found: object = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise HandlerError(f"function {function}: handler {handler} cannot be loaded ({error})") from error
    if not callable(found):
        raise HandlerError(f"function {function}: handler {handler} is not callable; name a function of that module")
    return found
