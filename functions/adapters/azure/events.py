"""Events to an Event Grid topic, each as a CloudEvent whose data are the event's own JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from functions.adapters.azure.rest import Service
from functions.codec import encode_event
from functions.domain.events import Event

SCOPE = "https://eventgrid.azure.net/.default"
PUBLISH = "?api-version=2018-01-01"
BATCH = "application/cloudevents-batch+json; charset=utf-8"
SOURCE = "orderly"
MAX_BYTES = 1_000_000
"""Of one call, which takes 1 MB (learn.microsoft.com/azure/event-grid/quotas-limits)."""
TAKEN = 200


class _CloudEvent(msgspec.Struct, frozen=True, kw_only=True):
    """CloudEvents 1.0, in JSON."""

    specversion: str = "1.0"
    id: str
    source: str = SOURCE
    type: str
    subject: str
    time: str
    datacontenttype: str = "application/json"
    data: msgspec.Raw


@dataclass(frozen=True)
class EventGridEvents:
    """A functions.ports.EventPublisher; one call takes all of its events or none, and they are delivered in any order.

    Subscriptions look at an event's type and into its data, so nothing is said twice for them.
    """

    topic: Service

    def publish(self, events: Sequence[Event]) -> None:
        for body in _calls([msgspec.json.encode(_cloud_event(event)) for event in events]):
            reply = self.topic.post(PUBLISH, {"Content-Type": BATCH}, body)
            if reply.status != TAKEN:
                raise self.topic.refused(reply)


def _cloud_event(event: Event) -> _CloudEvent:
    return _CloudEvent(
        id=event.id,
        type=event.type.value,
        subject=event.order_id,
        time=event.occurred_at.isoformat(timespec="milliseconds"),
        data=msgspec.Raw(encode_event(event)),
    )


def _calls(events: Sequence[bytes]) -> Iterator[bytes]:
    """The events in their order, as JSON arrays of as many as a call takes."""
    call: list[bytes] = []
    size = len(b"[]")
    for event in events:
        more = len(event) + len(b",")
        if call and size + more > MAX_BYTES:
            yield b"[" + b",".join(call) + b"]"
            call, size = [], len(b"[]")
        call.append(event)
        size += more
    if call:
        yield b"[" + b",".join(call) + b"]"
