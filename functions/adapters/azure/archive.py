"""The event archive in Blob Storage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from urllib.parse import quote

from functions.adapters.azure.rest import Service
from functions.codec import archive_key

SCOPE = "https://storage.azure.com/.default"
VERSION = "2023-11-03"
CREATED, CONFLICT, PRECONDITION_FAILED = 201, 409, 412
EXISTS = b"BlobAlreadyExists"
"""What is to be created only is refused so where it is (learn.microsoft.com/rest/api/storageservices/put-blob)."""


@dataclass(frozen=True)
class BlobArchive:
    """A functions.ports.EventArchive; `container` is the address of one, and the account itself encrypts.

    An event that comes again is the same, and is not written again: the first one stands.
    """

    container: Service

    def put(self, event_id: str, occurred_at: datetime, body: bytes) -> None:
        headers = {
            "Content-Type": "application/json",
            "If-None-Match": "*",
            "x-ms-blob-type": "BlockBlob",
            "x-ms-date": formatdate(usegmt=True),
            "x-ms-version": VERSION,
        }
        reply = self.container.put(f"/{quote(archive_key(event_id, occurred_at))}", headers, body)
        is_there = reply.status == PRECONDITION_FAILED or (reply.status == CONFLICT and EXISTS in reply.body)
        if reply.status != CREATED and not is_there:
            raise self.container.refused(reply)
