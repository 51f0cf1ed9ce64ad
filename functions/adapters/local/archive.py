"""The event archive in a bucket's folder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from functions.codec import archive_key
from local_runtime.client import Client


@dataclass(frozen=True)
class LocalArchive:
    """A functions.ports.EventArchive."""

    client: Client
    bucket: str

    def put(self, event_id: str, occurred_at: datetime, body: bytes) -> None:
        self.client.put_object(self.bucket, archive_key(event_id, occurred_at), body)
