"""The event archive in S3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from functions.adapters.aws.clients import AwsClient, transient_faults
from functions.codec import archive_key


@dataclass(frozen=True)
class S3Archive:
    """A functions.ports.EventArchive; the bucket itself encrypts."""

    client: AwsClient
    bucket: str

    def put(self, event_id: str, occurred_at: datetime, body: bytes) -> None:
        with transient_faults(of="S3"):
            self.client.put_object(
                Bucket=self.bucket,
                Key=archive_key(event_id, occurred_at),
                Body=body,
                ContentType="application/json",
            )
