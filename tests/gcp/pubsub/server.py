"""pstest: Google's own fake of Pub/Sub, as a process of its own, and the clients that reach it.

It publishes, filters, stores, orders and delivers again as Pub/Sub does. Two things of it are not so, at v2.8.1:
it pushes nothing, and it counts the deliveries of a message over all subscriptions of its topic, so that a dead-letter
policy gives a message up that another subscription was tried with. Both are done by the bridge.
"""

from __future__ import annotations

import subprocess
from functools import cached_property
from types import TracebackType
from typing import Self

import grpc
from google.pubsub_v1 import PublisherClient, SubscriberClient
from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

from tests.conformance.saga.installed import ENGINES, require

PSTEST = ENGINES / "pstest" / "pstest"
END_SECONDS = 10


class Pstest:
    """Entered, it runs on a free port of this machine alone; left, it is gone with all that it held."""

    def __enter__(self) -> Self:
        require(PSTEST)
        self._process = subprocess.Popen([PSTEST, "0"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.address = self._process.stdout.readline().strip()
        self._channel = grpc.insecure_channel(self.address)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._channel.close()
        self._process.communicate(timeout=END_SECONDS)

    @cached_property
    def publisher(self) -> PublisherClient:
        return PublisherClient(transport=PublisherGrpcTransport(channel=self._channel))

    @cached_property
    def subscriber(self) -> SubscriberClient:
        return SubscriberClient(transport=SubscriberGrpcTransport(channel=self._channel))
