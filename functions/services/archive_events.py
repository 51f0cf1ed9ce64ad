"""Keep every event for analytics."""

from __future__ import annotations

from dataclasses import dataclass

from functions.domain.events import Event
from functions.ports import EventArchive


@dataclass(frozen=True)
class ArchiveEvents:
    archive: EventArchive

    def __call__(self, event: Event, body: bytes) -> None:
        """`body` is the event as it came: the archive holds what was published, byte for byte."""
        self.archive.put(event.id, event.occurred_at, body)
