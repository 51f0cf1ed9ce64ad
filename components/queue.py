"""A durable, at-least-once queue; a message delivered max_receive_count times in vain moves to its dead letters.

A message is hidden for visibility_timeout while a consumer works on it, and comes again after it. Order is not kept.
Dead letters are kept 14 days (on one machine for as long as it lives), with nothing that consumes them; they can be
sent back to the queue.

| | is | visibility_timeout | max_receive_count | dead letters | a delivery brings |
|---|---|---|---|---|---|
| aws | SQS standard | as given | redrive policy | a second queue | up to 10, partial failure |
| gcp | Pub/Sub, push subscription | ack deadline | max delivery attempts | topic and subscription | 1 |
| azure | Service Bus queue | lock duration | max delivery count | a second queue, forwarded to | 1 |
| local | rows in SQLite | as given | as given | rows in SQLite, with the reason | up to 10, partial failure |

Bounds: visibility_timeout 10 s (Pub/Sub) to 5 min (Service Bus); max_receive_count 5 to 100 (Pub/Sub);
max_concurrency 2 (SQS) to 100.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from components.component import Component
from components.errors import WiringError
from components.function import Function, Trigger
from components.identity import Grant, Identity
from components.link import Link, Variables


@dataclass(frozen=True, kw_only=True)
class QueueArgs:
    visibility_timeout: timedelta
    max_receive_count: int


class Queue(Component[QueueArgs]):
    """One function consumes it. Topics and rules can feed it once that function is attached."""

    variables: Variables
    """How a function finds the queue."""
    consumer_variables: Variables = MappingProxyType({})
    """What its consumer has to find besides."""
    _consumer: Function | None = None

    def require_consumer(self) -> Function:
        """The function that is called with the messages: a push subscription has to know its address."""
        if self._consumer is None:
            raise WiringError(f"queue {self.name} has no consumer yet: make the function it triggers before it is fed")
        return self._consumer

    def sender(self) -> Link:
        return Link(grant=self.grant_send, variables=self.variables)

    def deliveries(self, *, max_concurrency: int) -> Trigger:
        """Calls a function with batches of messages, at most `max_concurrency` at once."""
        return Trigger(
            grant=self.grant_consume,
            variables={**self.variables, **self.consumer_variables},
            attach=partial(self._attach_once, max_concurrency=max_concurrency),
        )

    @abstractmethod
    def grant_send(self, identity: Identity) -> Grant: ...

    @abstractmethod
    def grant_consume(self, identity: Identity) -> Grant: ...

    @abstractmethod
    def _attach(self, function: Function, *, max_concurrency: int) -> None: ...

    def _attach_once(self, function: Function, *, max_concurrency: int) -> None:
        if self._consumer is not None:
            raise WiringError(
                f"queue {self.name} already triggers {self._consumer.name}, so {function.name} needs its own"
            )
        self._consumer = function
        self._attach(function, max_concurrency=max_concurrency)
