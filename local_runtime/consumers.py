"""Calls a function with a queue's messages and does with each what the function said."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event

from local_runtime.client import BatchResult
from local_runtime.declarations import Consumer
from local_runtime.functions import Caller
from local_runtime.queues import Delivery, Queues, topic
from local_runtime.store import Store

IDLE_SECONDS = 1.0
"""A look without having been woken: an operator's redrive comes from another process."""


class ConsumerLoop:
    """One of a consumer's `max_concurrency` loops: one batch at a time."""

    def __init__(self, consumer: Consumer, store: Store, queues: Queues, functions: Caller) -> None:
        self._consumer = consumer
        self._queues = queues
        self._functions = functions
        self._bell = store.listen(topic(consumer.queue))

    def run(self, stop: Event) -> None:
        while not stop.is_set():
            batch = self._queues.receive(self._consumer.queue, self._consumer.batch_size)
            if batch:
                self._handle(batch)
            else:
                self._bell.wait(self._seconds_to_wait())
                self._bell.clear()

    def wake(self) -> None:
        self._bell.set()

    def _seconds_to_wait(self) -> float:
        due = self._queues.seconds_until_due(self._consumer.queue)
        return IDLE_SECONDS if due is None else min(due, IDLE_SECONDS)

    def _handle(self, batch: Sequence[Delivery]) -> None:
        result = self._call(batch)
        self._queues.settle(self._consumer.queue, batch, retry=result.retry, dead=result.dead)

    def _call(self, batch: Sequence[Delivery]) -> BatchResult:
        """A function that fails, or does not say what it did, has handled none of its messages."""
        messages = [delivery.message for delivery in batch]
        try:
            result = self._functions.call(self._consumer.function, messages)
        except Exception as error:  # noqa: BLE001 -- whatever it was is the reason that goes with the messages
            reason = f"{type(error).__name__}: {error}"
        else:
            if isinstance(result, BatchResult):
                return result
            reason = f"the function returned {type(result).__name__} instead of a BatchResult"
        return BatchResult(retry={message.id: reason for message in messages})
