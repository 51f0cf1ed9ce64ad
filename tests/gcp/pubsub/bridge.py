"""Pushes what pstest holds, as Pub/Sub's push subscriptions do: our own code, written after Google's documentation.

What it does by itself: a POST for each message, the count of its tries, the waits between them, and the move to the
dead letters (cloud.google.com/pubsub/docs/push, /handling-failures and /subscription-retry-policy). What it leaves out:
the token that a push carries, and the slowing down of a subscription whose endpoint fails.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self

import grpc
from google.pubsub_v1 import ReceivedMessage, StreamingPullRequest, Subscription

from tests.gcp.pubsub.push import Push, posted
from tests.gcp.pubsub.server import Pstest

HELD_SECONDS = 600
"""As long as pstest waits for what becomes of a message: longer than a try and the wait after it."""


@dataclass(frozen=True)
class Try:
    subscription: str
    message_id: str
    attempt: int
    status: int


@dataclass
class PushBridge:
    """Entered, it pushes for each subscription that it is given; left, it has stopped. Waits are `scale` as long."""

    pubsub: Pstest
    scale: float = 0.001
    at_once: int = 4
    """How many messages of a subscription are tried at the same time: the instances of its consumer."""
    tries: list[Try] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._open = ExitStack()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

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

    def __enter__(self) -> Self:
        self._closed = Event()
        self._pool = ThreadPoolExecutor(self.bridge.at_once)
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
                    self._pool.submit(self._try, received)
        except grpc.RpcError:
            if not self._closed.is_set():
                raise

    def _try(self, received: ReceivedMessage) -> None:
        message_id = received.message.message_id
        self.attempts[message_id] += 1
        push = Push(self.subscription, received.message, self.attempts[message_id])
        status, is_done = posted(push)
        self.bridge.tries.append(Try(self.subscription.name, message_id, push.attempt, status))
        if not is_done and not push.is_last:
            self._closed.wait(push.wait_seconds * self.bridge.scale)
            self._again(received.ack_id)
            return
        if not is_done:
            self.bridge.pubsub.publisher.publish(
                topic=self.subscription.dead_letter_policy.dead_letter_topic, messages=[push.dead_letter()]
            )
        self.bridge.pubsub.subscriber.acknowledge(subscription=self.subscription.name, ack_ids=[received.ack_id])

    def _again(self, ack_id: str) -> None:
        self.bridge.pubsub.subscriber.modify_ack_deadline(
            subscription=self.subscription.name, ack_ids=[ack_id], ack_deadline_seconds=0
        )
