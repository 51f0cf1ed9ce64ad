"""Events to the run time's bus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.codec import attributes, encode_event
from functions.domain.events import Event
from local_runtime.client import Client, Entry


@dataclass(frozen=True)
class LocalEvents:
    """A functions.ports.EventPublisher."""

    client: Client
    bus: str
    high_value_minor: int

    def publish(self, events: Sequence[Event]) -> None:
        entries = [
            Entry(id=event.id, body=encode_event(event), attributes=attributes(event, self.high_value_minor))
            for event in events
        ]
        self.client.publish(f"bus/{self.bus}", entries)
