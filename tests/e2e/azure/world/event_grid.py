"""Event Grid: what a topic took, delivered by the subscriptions that were recorded, as the topic's own identity.

By the documents (learn.microsoft.com/azure/event-grid/delivery-and-retry): a destination that refuses the identity is
not tried again, and the event is a dead letter at once; whatever else fails is tried again after growing waits, as
often as the subscription says. A dead letter goes to the container, if the identity may write there, and is lost if
not. A message has the same id however often it is delivered, which is from memory. What it leaves out: batches, an
event's life, webhooks, and every filter that the system does not have.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock
from typing import Any

from tests.azure.blob_fake import BlobFake
from tests.e2e.azure.world.access import SEND, WRITE_BLOB, Access
from tests.e2e.azure.world.service_bus import Message, ServiceBus
from tests.e2e.world.records import Record, Records

WAITS = (10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200)
"""Seconds before it is tried again; the last one over and over."""
AT_ONCE = 8
CloudEvent = Mapping[str, Any]


@dataclass
class EventGrid:
    records: Records
    access: Access
    bus: ServiceBus
    blobs: Mapping[str, BlobFake]
    scale: float
    lost: list[CloudEvent] = field(default_factory=list)
    """Events that could neither be delivered nor put among the dead letters."""
    errors: list[BaseException] = field(default_factory=list)
    operations: Counter[str] = field(default_factory=Counter)
    """What Event Grid would bill: events taken, looked into by a filter of data, and attempts to deliver."""
    waiting: int = 0
    _lock: Lock = field(default_factory=Lock)
    _closed: Event = field(default_factory=Event)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    def taking(self, topic: Record) -> Callable[[list[dict[str, Any]]], None]:
        """What is to be told of the batches that the topic takes."""

        def take(events: list[dict[str, Any]]) -> None:
            self._bill("taken", len(events))
            for subscription in self.records.of("eventgrid.EventSubscription"):
                if subscription["scope"] == topic.id:
                    self._bill("looked into", sum(_is_looked_into(subscription["filter"], each) for each in events))
                    for event in filter(lambda each: _passes(subscription["filter"], each), events):
                        self._count(1)
                        self._pool.submit(self._deliver, topic, subscription, event).add_done_callback(self._done)

        return take

    def close(self) -> None:
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)
        if self.errors:
            raise BaseExceptionGroup("delivering failed by itself", self.errors)

    def _deliver(self, topic: Record, subscription: Record, event: CloudEvent) -> None:
        delivery = subscription["deliveryWithResourceIdentity"]["destination"]
        message = Message(id=uuid.uuid4().hex, body=json.dumps(event).encode(), properties=_mapped(delivery, event))
        for attempt in range(subscription["retryPolicy"]["maxDeliveryAttempts"]):
            if not self.access.allows(_principal(topic), SEND, on=delivery["resourceId"]):
                break
            self._bill("delivered", 1)
            try:
                self.bus.send(delivery["resourceId"], message)
                return
            except LookupError:
                if self._closed.wait(WAITS[min(attempt, len(WAITS) - 1)] * self.scale):
                    return
        self._give_up(topic, subscription, event)

    def _give_up(self, topic: Record, subscription: Record, event: CloudEvent) -> None:
        """To the container; named by the subscription, the hour and an id of its own."""
        destination = subscription.get("deadLetterWithResourceIdentity", {}).get("deadLetterDestination")
        if destination is None:
            self.lost.append(event)
            return
        container = f"{destination['resourceId']}/blobServices/default/containers/{destination['blobContainerName']}"
        if container not in self.blobs or not self.access.allows(_principal(topic), WRITE_BLOB, on=container):
            self.lost.append(event)
            return
        name = f"{subscription['eventSubscriptionName']}/{datetime.now(UTC):%Y/%-m/%-d/%-H}/{uuid.uuid4()}.json"
        told = {**event, "deadletterproperties": {"deadletterreason": "Forbidden"}}
        self.blobs[container].blobs[name] = json.dumps([told]).encode()

    def _done(self, future: Future[None]) -> None:
        self._count(-1)
        if not future.cancelled() and (error := future.exception()):
            self.errors.append(error)

    def _bill(self, what: str, units: int) -> None:
        with self._lock:
            self.operations[what] += units

    def _count(self, more: int) -> None:
        with self._lock:
            self.waiting += more


def _principal(topic: Record) -> str:
    return str((topic.get("identity") or {}).get("principalId", ""))


def _passes(asked: Mapping[str, Any], event: CloudEvent) -> bool:
    return _is_of_its_types(asked, event) and all(_holds(each, event) for each in asked.get("advancedFilters") or ())


def _is_of_its_types(asked: Mapping[str, Any], event: CloudEvent) -> bool:
    types = asked.get("includedEventTypes")
    return types is None or event["type"] in types


def _is_looked_into(asked: Mapping[str, Any], event: CloudEvent) -> bool:
    """By a filter of its data."""
    return bool(asked.get("advancedFilters")) and _is_of_its_types(asked, event)


def _holds(advanced: Mapping[str, Any], event: CloudEvent) -> bool:
    if advanced["operatorType"] != "NumberGreaterThan":
        raise NotImplementedError(f"a filter that the tests cannot decide: {advanced}")
    value: Any = event
    for part in advanced["key"].split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return isinstance(value, int | float) and value > advanced["value"]


def _mapped(destination: Mapping[str, Any], event: CloudEvent) -> Mapping[str, str]:
    """The application properties of a message, each an attribute of the event."""
    for mapping in destination.get("deliveryAttributeMappings") or ():
        if mapping["type"] != "Dynamic":
            raise NotImplementedError(f"a property that the tests cannot make: {mapping}")
    return {
        each["name"]: str(event[each["sourceField"]]) for each in destination.get("deliveryAttributeMappings") or ()
    }
