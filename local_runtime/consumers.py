"""Calls a function with a queue's messages and does with each what the function said."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Event, Lock

from local_runtime.client import BatchResult
from local_runtime.declarations import Consumer
from local_runtime.functions import Caller
from local_runtime.queues import Delivery, Queues, topic
from local_runtime.store import Store

IDLE_SECONDS = 1.0
"""A look without having been woken: an operator's redrive comes from another process."""


class Turn:
    """Whose turn it is to look for the next batch: of a consumer's loops one looks while the others work or sleep.

    Did all of them look, each message would wake them all, and all but one for nothing.
    """

    def __init__(self, consumer: Consumer, store: Store) -> None:
        self.held = Lock()
        self.bell = store.listen(topic(consumer.queue))


def consumer_loops(consumer: Consumer, store: Store, queues: Queues, functions: Caller) -> list[ConsumerLoop]:
    """`max_concurrency` of them, which take turns."""
    turn = Turn(consumer, store)
    return [ConsumerLoop(consumer, queues, functions, turn=turn) for _ in range(consumer.max_concurrency)]


class ConsumerLoop:
    """One batch at a time."""

    def __init__(self, consumer: Consumer, queues: Queues, functions: Caller, *, turn: Turn) -> None:
        self._consumer = consumer
        self._queues = queues
        self._functions = functions
        self._turn = turn

    def run(self, stop: Event) -> None:
        while not stop.is_set():
            if batch := self._next_batch(stop):
                self._handle(batch)

    def wake(self) -> None:
        self._turn.bell.set()

    def _next_batch(self, stop: Event) -> Sequence[Delivery]:
        """Empty when it has to stop."""
        with self._turn.held:
            while not stop.is_set():
                if batch := self._queues.receive(self._consumer.queue, self._consumer.batch_size):
                    return batch
                self._turn.bell.wait(self._seconds_to_wait())
                self._turn.bell.clear()
        return ()

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
