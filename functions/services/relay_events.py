"""Hand what the change feed reports to the bus; nothing else publishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.domain.events import Event
from functions.ports import EventPublisher


@dataclass(frozen=True)
class RelayEvents:
    publisher: EventPublisher

    def __call__(self, events: Sequence[Event]) -> None:
        """All or an error; the feed then delivers them again, and consumers know an event by its id."""
        if events:
            self.publisher.publish(events)
