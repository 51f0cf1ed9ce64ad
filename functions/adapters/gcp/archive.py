"""The event archive in Cloud Storage."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from google.api_core.exceptions import PreconditionFailed
from google.cloud.storage import Client  # type: ignore[import-untyped]
from google.cloud.storage.retry import DEFAULT_RETRY  # type: ignore[import-untyped]

from functions.adapters.gcp.clients import TIMEOUT_SECONDS, transient_faults
from functions.codec import archive_key

MUST_NOT_EXIST = 0
"""The generation that stands for no object."""
_AGAIN = DEFAULT_RETRY.with_delay(initial=0.1, maximum=1.0, multiplier=2.0)


@dataclass(frozen=True)
class StorageArchive:
    """A functions.ports.EventArchive; the bucket itself encrypts.

    An event that comes again is the same, and is not written again: that would take the right to delete.
    """

    client: Client
    bucket: str
    timeout_seconds: float = TIMEOUT_SECONDS
    """Of an upload with all of its attempts."""

    def put(self, event_id: str, occurred_at: datetime, body: bytes) -> None:
        blob = self.client.bucket(self.bucket).blob(archive_key(event_id, occurred_at))
        with transient_faults(of="Cloud Storage"), suppress(PreconditionFailed):
            blob.upload_from_string(
                body,
                content_type="application/json",
                if_generation_match=MUST_NOT_EXIST,
                retry=_AGAIN.with_timeout(self.timeout_seconds),
                timeout=self.timeout_seconds,
            )
