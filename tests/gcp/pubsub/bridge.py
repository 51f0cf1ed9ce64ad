"""Pushes what pstest holds, as Pub/Sub's push subscriptions do: our own code, written after Google's documentation.

What it does by itself: a POST for each message, the count of its tries, the waits between them, the move to the dead
letters, and fewer pushes at once after failures (cloud.google.com/pubsub/docs/push, /handling-failures and
/subscription-retry-policy). What it leaves out: the wait by which Pub/Sub slows a subscription down that fails over and
over, as a whole. Who a push comes from is up to `post`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

import grpc
from google.pubsub_v1 import ReceivedMessage, StreamingPullRequest, Subscription

from tests.gcp.pubsub.push import ACKNOWLEDGED, Push, posted
from tests.gcp.pubsub.server import Pstest
from tests.gcp.pubsub.window import MOST, Window

HELD_SECONDS = 600
"""As long as pstest waits for what becomes of a message: longer than a try and the wait after it."""


@dataclass(frozen=True)
class Try:
    push: Push
    status: int

    @property
    def subscription(self) -> str:
        return str(self.push.subscription.name)

    @property
    def message_id(self) -> str:
        return str(self.push.message.message_id)

    @property
    def attempt(self) -> int:
        return self.push.attempt

    @property
    def bytes(self) -> int:
        return self.push.size


@dataclass
class PushBridge:
    """Entered, it pushes for each subscription that it is given; left, it has stopped, and raises what failed in it.

    `post` gives the status that a push was answered with. Waits are `scale` as long.
    """

    pubsub: Pstest
    scale: float = 0.001
    post: Callable[[Push], int] = posted
    tries: list[Try] = field(default_factory=list)
    under_way: Counter[str] = field(default_factory=Counter)
    """By subscription, how many of its messages were received and are not done."""

    def __enter__(self) -> Self:
        self.lock = Lock()
        self.errors: list[BaseException] = []
        self._open = ExitStack()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()
        if self.errors and not error:
            raise BaseExceptionGroup("pushing failed by itself", self.errors)

    def subscribe(self, subscription: Subscription) -> None:
        """Make it in pstest as one that is pulled, and push to its endpoint."""
        pulled = Subscription(subscription)
        del pulled.push_config, pulled.dead_letter_policy
        self.pubsub.subscriber.create_subscription(request=pulled)
        self._open.enter_context(_Feed(self, subscription))


@dataclass
class _Feed:
    """One subscription's messages, from pstest to the endpoint."""

    bridge: PushBridge
    subscription: Subscription
    attempts: Counter[str] = field(default_factory=Counter)
    window: Window = field(default_factory=Window)

    def __enter__(self) -> Self:
        self._closed = Event()
        self._pool = ThreadPoolExecutor(MOST)
        # The client's own method waits for a first message; and its types do not say that it takes many requests.
        stream: Any = self.bridge.pubsub.subscriber.transport.streaming_pull
        self._stream = stream(self._requests())
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closed.set()
        self._stream.cancel()
        self._reader.join()
        self._pool.shutdown(cancel_futures=True)

    def _requests(self) -> Iterator[StreamingPullRequest]:
        yield StreamingPullRequest(
            subscription=self.subscription.name, stream_ack_deadline_seconds=HELD_SECONDS, client_id="push-bridge"
        )
        self._closed.wait()

    def _read(self) -> None:
        try:
            for response in self._stream:
                for received in response.received_messages:
                    self._count(1)
                    self._pool.submit(self._try, received).add_done_callback(self._done)
        except grpc.RpcError as error:
            if not self._closed.is_set():
                self.bridge.errors.append(error)

    def _done(self, future: Future[None]) -> None:
        self._count(-1)
        if not future.cancelled() and (error := future.exception()):
            self.bridge.errors.append(error)

    def _count(self, more: int) -> None:
        with self.bridge.lock:
            self.bridge.under_way[self.subscription.name] += more

    def _try(self, received: ReceivedMessage) -> None:
        with self.window.place():
            if self._closed.is_set():
                return
            push, status = self._pushed(received)
            is_done = status in ACKNOWLEDGED
            self.window.note(is_success=is_done)
        if is_done:
            self._acknowledge(received)
        elif push.is_last:
            self.bridge.pubsub.publisher.publish(
                topic=self.subscription.dead_letter_policy.dead_letter_topic, messages=[push.dead_letter()]
            )
            self._acknowledge(received)
        else:
            self._closed.wait(push.wait_seconds * self.bridge.scale)
            self._again(received)

    def _pushed(self, received: ReceivedMessage) -> tuple[Push, int]:
        message_id = received.message.message_id
        with self.bridge.lock:
            self.attempts[message_id] += 1
            push = Push(self.subscription, received.message, self.attempts[message_id])
        status = self.bridge.post(push)
        self.bridge.tries.append(Try(push, status))
        return push, status

    def _acknowledge(self, received: ReceivedMessage) -> None:
        self.bridge.pubsub.subscriber.acknowledge(subscription=self.subscription.name, ack_ids=[received.ack_id])

    def _again(self, received: ReceivedMessage) -> None:
        self.bridge.pubsub.subscriber.modify_ack_deadline(
            subscription=self.subscription.name, ack_ids=[received.ack_id], ack_deadline_seconds=0
        )
