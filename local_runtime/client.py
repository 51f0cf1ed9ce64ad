"""What a function may ask of the run time, and what it is called with.

A handler is called as `handler(event, context)`. The event is a sequence of Message for a queue's consumer (which
returns a BatchResult), a sequence of Record for the change feed, a TaskCall for a saga's task (which returns a
TaskOutcome), a Tick for a schedule, a functions.api.messages.Request for the API (which returns a Response).

The context's client does only what the function was granted and raises PermissionDeniedError for anything else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from components.saga.decider import Failure

T = TypeVar("T")


class PermissionDeniedError(Exception):
    """The function was not granted this verb on this resource."""

    def __init__(self, function: str, verb: str, resource: str) -> None:
        super().__init__(f"function {function} may not {verb} {resource}: grant it where the system is wired")


class NotKeptError(Exception):
    """The disk did not take a change, or the run time is stopping: nothing of it happened, and it may come again."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """A queue's message; `receive_count` is 1 at its first delivery."""

    id: str
    body: bytes
    attributes: Mapping[str, str | int]
    receive_count: int


@dataclass(frozen=True, kw_only=True)
class BatchResult:
    """What a queue's consumer did, by message id with the reason: `retry` comes again, `dead` never; the rest is done.

    Raising instead fails the whole batch with the exception as the reason.
    """

    retry: Mapping[str, str] = field(default_factory=dict)
    dead: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A schedule's call; `at` is the moment it was due."""

    schedule: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Record:
    """A new row of the change feed; positions grow, and each is delivered until the handler returns."""

    position: int
    body: bytes


@dataclass(frozen=True, kw_only=True)
class TaskCall:
    """A saga's call of a task; `key` is the same for every attempt, and for a compensation names the step it undoes.

    The task that records the end of a run is told why, and which steps could not be undone.
    """

    task: str
    run_id: str
    key: str
    attempt: int
    data: Mapping[str, object]
    failure: Failure | None = None
    uncompensated: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TaskOutcome:
    """`code` None: done, with a `result` that a choice may ask for. Otherwise a business error, which is never retried.

    Both are names like those of steps, a result may be empty; of a message the first 1000 characters are kept. Anything
    else, and anything raised, is a fault, after which the saga tries again.
    """

    code: str | None = None
    message: str = ""
    result: str = ""


class Client(Protocol):
    """Every call checks the function's grants first."""

    def read(self, database: str, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run a query on a consistent snapshot; needs `read` on the database."""
        ...

    def write(self, database: str, change: Callable[[sqlite3.Connection], T]) -> T:
        """Run a change in one transaction: returned means on disk, raised means nothing happened. Needs `write`."""
        ...

    def publish(self, destination: str, entries: Sequence[Entry]) -> None:
        """Publish to `bus/NAME` or `topic/NAME`: all entries or none; needs `publish`."""
        ...

    def start(self, workflow: str, run_id: str, data: Mapping[str, object]) -> bool:
        """Start a run; False if the id was used before. Needs `start`."""
        ...

    def secret(self, name: str) -> str:
        """Needs `read` on the secret."""
        ...

    def put_object(self, bucket: str, key: str, body: bytes) -> None:
        """Write atomically; raises NotKeptError while there is no room. Needs `write` on the bucket."""
        ...


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What is published: an opaque body, and the attributes that patterns and filters match on."""

    id: str
    body: bytes
    attributes: Mapping[str, str | int]


@dataclass(frozen=True, kw_only=True)
class Context:
    """The call at hand and the function it is for."""

    function: str
    environment: Mapping[str, str]
    client: Client
    request_id: str
    deadline: datetime
