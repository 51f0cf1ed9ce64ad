"""Eventarc: triggers that call a Cloud Run service with each document that Firestore created.

An event comes again until it is taken: Eventarc waits 10 s for an answer, Pub/Sub's default, and before it calls again
10 s, then twice as long each time, 10 minutes at most. What it leaves out: the day after which an event is dropped, how
events overtake each other, and every kind of event but created documents.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Lock

from google.events.cloud.firestore import DocumentEventData

from components.gcp._feed import PATIENCE
from tests.e2e.gcp.world.access import RECEIVE, Access
from tests.e2e.gcp.world.cloud_run import CloudRun
from tests.e2e.world.http import Asked, Headers
from tests.e2e.world.records import Record, Records
from tests.gcp.firestore_fake import Created, FirestoreFake

CREATED = "google.cloud.firestore.document.v1.created"
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 10.0, 600.0
PATIENCE_SECONDS = PATIENCE.total_seconds()
AT_ONCE = 8


class TriggerError(Exception):
    """Eventarc would refuse to make this trigger."""


@dataclass
class Trigger:
    """Told of created documents, it delivers those that it was declared for."""

    record: Record
    database: Record
    cloud_run: CloudRun
    scale: float
    errors: list[BaseException] = field(default_factory=list)
    waiting: int = 0
    _lock: Lock = field(default_factory=Lock)
    _closed: Event = field(default_factory=Event)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    def __call__(self, created: Created) -> None:
        if self.tells_of(created):
            self._count(1)
            self._pool.submit(self._deliver, created).add_done_callback(self._done)

    def close(self) -> None:
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)
        if self.errors:
            raise BaseExceptionGroup("delivering failed by itself", self.errors)

    def tells_of(self, created: Created) -> bool:
        told = {"type": CREATED, "database": self.database["name"], "document": created.path}
        return all(_fits(told.get(each["attribute"], ""), each) for each in self.record["matchingCriterias"])

    def _deliver(self, created: Created) -> None:
        run = self.record["destination"]["cloudRunService"]
        url = self.cloud_run.service(run["service"]).url
        asked = self.asked(created)
        for attempt in count():
            wait = min(FIRST_WAIT_SECONDS * 2.0**attempt, LONGEST_WAIT_SECONDS) * self.scale
            if self._is_taken(url, asked) or self._closed.wait(wait):
                return

    def _is_taken(self, url: str, asked: Asked) -> bool:
        account = self.record["serviceAccount"]
        try:
            reply = self.cloud_run.call(url, asked, account=account, audience=url, patience=PATIENCE_SECONDS)
        except TimeoutError:
            return False
        return 200 <= reply.status < 300

    def asked(self, created: Created) -> Asked:
        """The call that tells of a document."""
        path = self.record["destination"]["cloudRunService"].get("path", "/")
        return Asked(method="POST", path=path, headers=self._headers(created), body=self._data(created))

    def _headers(self, created: Created) -> Headers:
        """Of a CloudEvent in binary mode."""
        told = {
            "id": str(uuid.uuid4()),
            "source": f"//firestore.googleapis.com/{self.database.id}",
            "specversion": "1.0",
            "type": CREATED,
            "subject": f"documents/{created.path}",
            "time": created.time.isoformat().replace("+00:00", "Z"),
            "dataschema": "https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/"
            "firestore/v1/data.proto",
            "datacontenttype": "application/protobuf",
            "document": created.path,
            "database": self.database["name"],
            "namespace": "(default)",
            "project": self.database["project"],
            "location": self.database["locationId"],
        }
        attributes = ((f"ce-{name}", value) for name, value in told.items() if name != "datacontenttype")
        return (*attributes, ("Content-Type", told["datacontenttype"]))

    def _data(self, created: Created) -> bytes:
        """The fields are the same bytes in both of Google's packages, whose classes differ."""
        data = DocumentEventData.pb(DocumentEventData())
        data.value.name = f"{self.database.id}/documents/{created.path}"
        data.value.create_time.FromDatetime(created.time)
        data.value.update_time.FromDatetime(created.time)
        for name, value in created.fields.items():
            data.value.fields[name].ParseFromString(value.SerializeToString())
        return bytes(data.SerializeToString())

    def _done(self, future: Future[None]) -> None:
        self._count(-1)
        if not future.cancelled() and (error := future.exception()):
            self.errors.append(error)

    def _count(self, more: int) -> None:
        with self._lock:
            self.waiting += more


@contextmanager
def triggering(
    records: Records, access: Access, firestore: FirestoreFake, cloud_run: CloudRun, scale: float
) -> Iterator[list[Trigger]]:
    """TriggerError for an account that may not receive events."""
    triggers = [_trigger(record, records, access, cloud_run, scale) for record in records.of("eventarc.Trigger")]
    for trigger in triggers:
        firestore.listen(trigger)
    try:
        yield triggers
    finally:
        for trigger in triggers:
            trigger.close()


def _trigger(record: Record, records: Records, access: Access, cloud_run: CloudRun, scale: float) -> Trigger:
    if not access.allows(record["serviceAccount"], RECEIVE, on=record.id):
        raise TriggerError(f"{record['serviceAccount']} lacks {RECEIVE}")
    (named,) = (each["value"] for each in record["matchingCriterias"] if each["attribute"] == "database")
    return Trigger(record, records.one("firestore.Database", name=named), cloud_run, scale)


def _fits(value: str, criterion: Mapping[str, str]) -> bool:
    if criterion.get("operator") != "match-path-pattern":
        return value == criterion["value"]
    parts, wanted = value.split("/"), criterion["value"].split("/")
    return len(parts) == len(wanted) and all(
        part == want or want.startswith("{") for part, want in zip(parts, wanted, strict=True)
    )
