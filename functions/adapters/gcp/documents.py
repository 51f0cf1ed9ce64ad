"""Documents: reads that see every write, and commits of many writes that are done together or not at all.

A transaction here is a reading and a commit whose preconditions are what was read: Firestore's optimistic concurrency
in two calls. The client's own `transactional` needs a third and a fourth, takes no timeouts for any of them, does not
wait for those it met, and shows the failure of a rollback in the place of the failure that led to it. What it can do
beside that, to depend on a document without writing it, nothing here needs.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypedDict, TypeVar

from google.api_core import exceptions as sdk
from google.api_core.retry import Retry, if_exception_type
from google.cloud.firestore import Client, DocumentSnapshot, Query, WriteBatch

from functions.adapters.attempts import waits
from functions.adapters.gcp.clients import (
    LAST_ATTEMPT_SECONDS,
    TIMEOUT_SECONDS,
    GoogleUnavailableError,
    transient_faults,
)

Result = TypeVar("Result")

ATTEMPTS = 8
"""Of a transaction: at every conflict one of those who met has gone through."""
FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0

_READ_AGAIN = Retry(
    predicate=if_exception_type(
        sdk.DeadlineExceeded, sdk.InternalServerError, sdk.ResourceExhausted, sdk.ServiceUnavailable
    ),
    initial=0.1,
    maximum=1.0,
    multiplier=2.0,
)
_ONCE = Retry(predicate=lambda _: False)
_COMMIT_AGAIN = Retry(
    predicate=if_exception_type(sdk.ResourceExhausted, sdk.ServiceUnavailable),
    initial=0.1,
    maximum=1.0,
    multiplier=2.0,
)
"""A commit that was done but whose answer was lost is refused when it comes again: who commits has to expect that."""


class ConflictError(Exception):
    """A precondition of a commit did not hold, or another commit was in its way. Nothing was written."""


class ExistsError(ConflictError):
    """What was to be created is there already."""


class ContentionError(GoogleUnavailableError):
    """Others kept writing the same documents."""

    code = "contention"


class Limits(TypedDict):
    """Of one call."""

    retry: Retry
    timeout: float


@dataclass(frozen=True, kw_only=True)
class Document:
    """A document as it was read; `update_time` is when it was last written."""

    path: str
    fields: Mapping[str, Any]
    update_time: datetime

    def __getitem__(self, field: str) -> Any:  # noqa: ANN401 -- of whatever type the field is
        return self.fields[field]


@dataclass(frozen=True, kw_only=True)
class Write:
    """`create` is refused where the document is, `update` where it is not; `merge` makes or changes it.

    An update of a document that was read (`since`) is refused if it was written or deleted in between.
    """

    verb: Literal["create", "update", "merge"]
    path: str
    fields: Mapping[str, Any]
    since: Document | None = None

    def add_to(self, batch: WriteBatch, client: Client) -> None:
        reference, fields = client.document(self.path), dict(self.fields)
        if self.verb == "create":
            batch.create(reference, fields)
        elif self.verb == "merge":
            batch.set(reference, fields, merge=True)
        elif self.since:
            batch.update(reference, fields, client.write_option(last_update_time=self.since.update_time))
        else:
            batch.update(reference, fields)


def create(path: str, fields: Mapping[str, Any]) -> Write:
    return Write(verb="create", path=path, fields=fields)


def update(path: str, fields: Mapping[str, Any]) -> Write:
    return Write(verb="update", path=path, fields=fields)


def change(document: Document, fields: Mapping[str, Any]) -> Write:
    """An update of a document that is still as it was read."""
    return Write(verb="update", path=document.path, fields=fields, since=document)


def merge(path: str, fields: Mapping[str, Any]) -> Write:
    return Write(verb="merge", path=path, fields=fields)


@dataclass(frozen=True)
class Documents:
    """One Firestore database. Every method raises GoogleUnavailableError for what passes by itself.

    `ends_at` is when, by the clock, the transaction is over that these belong to.
    """

    client: Client
    pause: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    ends_at: float = math.inf

    def get(self, path: str) -> Document | None:
        return self.get_all([path])[0]

    def get_all(self, paths: Sequence[str]) -> list[Document | None]:
        """The documents of these paths in their order, as they all were at one moment; None where there is none."""
        references = [self.client.document(path) for path in paths]
        with transient_faults(of="Firestore"):
            snapshots = list(self.client.get_all(references, **self._limits(_READ_AGAIN)))
        found = {snapshot.reference.path: _document(snapshot) for snapshot in snapshots if snapshot.exists}
        return [found.get(path) for path in paths]

    def find(self, query: Query) -> list[Document]:
        """A query's documents in its order, all at once.

        What broke off is asked for anew from its beginning, within TIMEOUT_SECONDS. The client by itself would go on
        after the last document that it got, as often as that takes.
        """
        documents, broken = replace(self, ends_at=min(self.ends_at, self.clock() + TIMEOUT_SECONDS)), None
        for _ in documents._attempts():
            try:
                return documents._found(query)
            except GoogleUnavailableError as error:
                broken = error
        raise GoogleUnavailableError("Firestore broke off each answer to a query") from broken

    def _found(self, query: Query) -> list[Document]:
        with transient_faults(of="Firestore"):
            return [_document(each) for each in query.stream(**self._limits(_ONCE))]

    def commit(self, writes: Sequence[Write]) -> list[Any]:
        """All writes or none; raises ConflictError. Firestore answers each, also with what its increments made."""
        batch = self.client.batch()
        for write in writes:
            write.add_to(batch, self.client)
        with transient_faults(of="Firestore"), _conflicts(writes):
            return batch.commit(**self._limits(_COMMIT_AGAIN))

    def transact(self, work: Callable[[Documents], Result]) -> Result:
        """Do work that reads, decides and commits what it decided on; after a conflict it does so anew.

        The documents that the work gets have TIMEOUT_SECONDS for all that is asked of them, waits included. Raises
        ContentionError after ATTEMPTS conflicts, or when there is no time for another attempt. The work may have been
        done although it met a conflict, if the answer to its commit was lost: it has to see that when it reads.
        """
        documents = replace(self, ends_at=self.clock() + TIMEOUT_SECONDS)
        for _ in documents._attempts():
            try:
                return work(documents)
            except ConflictError:
                continue
        raise ContentionError("others kept writing the same documents")

    def _attempts(self) -> Iterator[None]:
        """Waits before each but the first, as long as there is time for it."""
        yield
        for wait in waits(ATTEMPTS, first=FIRST_WAIT_SECONDS, longest=LONGEST_WAIT_SECONDS):
            if wait >= self._seconds_left():
                return
            self.pause(wait)
            yield

    def _limits(self, again: Retry) -> Limits:
        left = min(TIMEOUT_SECONDS, self._seconds_left())
        if left <= 0:
            raise GoogleUnavailableError(f"Firestore took all of a transaction's {TIMEOUT_SECONDS} s")
        return {"retry": again.with_timeout(left - LAST_ATTEMPT_SECONDS), "timeout": left}

    def _seconds_left(self) -> float:
        return self.ends_at - self.clock()


@contextmanager
def _conflicts(writes: Sequence[Write]) -> Iterator[None]:
    try:
        yield
    except sdk.AlreadyExists as error:
        raise ExistsError(f"one of {len(writes)} documents exists") from error
    except (sdk.Aborted, sdk.FailedPrecondition) as error:
        raise ConflictError(f"{type(error).__name__} for one of {len(writes)} documents") from error
    except sdk.NotFound as error:
        # Read, and deleted since because it had expired; a missing database would have failed the reading.
        if any(write.since for write in writes):
            raise ConflictError(f"one of {len(writes)} documents is gone") from error
        raise


def _document(snapshot: DocumentSnapshot[Any]) -> Document:
    return Document(path=snapshot.reference.path, fields=snapshot.to_dict() or {}, update_time=snapshot.update_time)
