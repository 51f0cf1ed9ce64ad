"""Events to a Pub/Sub topic, each as a message that is the event's own JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from google.api_core import exceptions as sdk
from google.api_core.retry import Retry, if_exception_type
from google.pubsub_v1 import PublisherClient, PubsubMessage

from functions.adapters.gcp.clients import LAST_ATTEMPT_SECONDS, PUBLISHING_SECONDS, transient_faults
from functions.codec import attribute_texts, encode_event
from functions.domain.events import Event

MAX_MESSAGES = 1000
MAX_BYTES = 9 * 1000 * 1000
"""Of one call of Publish, which takes 10 MB with all that surrounds the messages (cloud.google.com/pubsub/quotas)."""

_AGAIN = Retry(
    predicate=if_exception_type(
        sdk.Aborted,
        sdk.Cancelled,
        sdk.DeadlineExceeded,
        sdk.InternalServerError,
        sdk.ResourceExhausted,
        sdk.ServiceUnavailable,
        sdk.Unknown,
    ),
    initial=0.1,
    maximum=1.0,
    multiplier=2.0,
    timeout=PUBLISHING_SECONDS - LAST_ATTEMPT_SECONDS,
)
"""After each of them the event may have been published all the same: consumers live with duplicates."""


@dataclass(frozen=True)
class PubSubEvents:
    """A functions.ports.EventPublisher; one call of Publish takes all of its messages or none.

    `topic` is `projects/P/topics/T`. Filters of subscriptions see the attributes alone, all of which are text, so a
    message carries its tier, which is `high` above `high_value_minor`.
    """

    client: PublisherClient
    topic: str
    high_value_minor: int

    def publish(self, events: Sequence[Event]) -> None:
        for messages in _calls([self._message(event) for event in events]):
            with transient_faults(of="Pub/Sub"):
                self.client.publish(topic=self.topic, messages=messages, retry=_AGAIN, timeout=PUBLISHING_SECONDS)

    def _message(self, event: Event) -> PubsubMessage:
        return PubsubMessage(data=encode_event(event), attributes=attribute_texts(event, self.high_value_minor))


def _calls(messages: Sequence[PubsubMessage]) -> Iterator[list[PubsubMessage]]:
    """The messages in their order, as many to a call as it takes."""
    call: list[PubsubMessage] = []
    size = 0
    for message in messages:
        more = PubsubMessage.pb(message).ByteSize()
        if call and (len(call) == MAX_MESSAGES or size + more > MAX_BYTES):
            yield call
            call, size = [], 0
        call.append(message)
        size += more
    if call:
        yield call
