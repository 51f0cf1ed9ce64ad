"""What each call of Google's APIs needs: the permissions that are documented for it, and on which resource.

Firestore's are from cloud.google.com/firestore/docs/security/iam: whether a write creates or updates is told by its
precondition, and one without needs both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.cloud.firestore_v1 import types as firestore
from google.cloud.workflows.executions import CreateExecutionRequest
from google.pubsub_v1 import PublishRequest

from tests.e2e.gcp.world.access import PUBLISH, START

GET, LIST = "datastore.entities.get", "datastore.entities.list"
CREATE, UPDATE, DELETE = "datastore.entities.create", "datastore.entities.update", "datastore.entities.delete"
FIRESTORE, PUBLISHER = "google.firestore.v1.Firestore", "google.pubsub.v1.Publisher"
EXECUTIONS = "google.cloud.workflows.executions.v1.Executions"

Needs: TypeAlias = Iterator[tuple[str, str]]
"""Permissions, and the full name of what each is needed on."""
Message: TypeAlias = Any
"""A protobuf message, whose class is made at run time."""


@dataclass(frozen=True)
class Method:
    request: Any
    """The client's class of it."""
    needs: Callable[[Message], Needs]
    is_stream: bool = False

    def needed(self, request: bytes) -> Needs:
        message = self.request.pb(self.request()).__class__  # of protobuf itself
        return self.needs(message.FromString(request))


def _read(request: Message) -> Needs:
    yield GET, request.database


def _query(request: Message) -> Needs:
    database = request.parent.partition("/documents")[0]
    yield from ((permission, database) for permission in (GET, LIST))


def _commit(request: Message) -> Needs:
    for write in request.writes:
        for permission in _of_write(write):
            yield permission, request.database


def _of_write(write: Message) -> tuple[str, ...]:
    if write.WhichOneof("operation") == "delete":
        return (DELETE,)
    condition = write.current_document
    if condition.WhichOneof("condition_type") is None:
        return CREATE, UPDATE
    return (CREATE,) if condition.WhichOneof("condition_type") == "exists" and not condition.exists else (UPDATE,)


def _publish(request: Message) -> Needs:
    yield PUBLISH, request.topic


def _start(request: Message) -> Needs:
    yield START, request.parent


METHODS: Mapping[str, Method] = {
    f"/{FIRESTORE}/BatchGetDocuments": Method(firestore.BatchGetDocumentsRequest, _read, is_stream=True),
    f"/{FIRESTORE}/RunQuery": Method(firestore.RunQueryRequest, _query, is_stream=True),
    f"/{FIRESTORE}/Commit": Method(firestore.CommitRequest, _commit),
    f"/{PUBLISHER}/Publish": Method(PublishRequest, _publish),
    f"/{EXECUTIONS}/CreateExecution": Method(CreateExecutionRequest, _start),
}
"""All that the system asks of Google over gRPC; whatever else it asked would be unimplemented."""
