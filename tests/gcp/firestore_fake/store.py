"""Documents, and the commits that change them: one after the other, each whole or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import grpc

from tests.gcp.firestore_fake import limits
from tests.gcp.firestore_fake.refusals import RefusedError, unimplemented
from tests.gcp.firestore_fake.values import Value, field_name, timestamp, transformed

Fields: TypeAlias = Mapping[str, Value]
Microseconds: TypeAlias = int
Write: TypeAlias = Any
"""A protobuf message, whose class is made at run time."""


@dataclass(frozen=True, kw_only=True)
class Stored:
    path: str
    fields: Fields
    create_time: Microseconds
    update_time: Microseconds


@dataclass(frozen=True, kw_only=True)
class Created:
    """A document that was not there before, as a trigger for created documents is told."""

    path: str
    fields: Fields
    time: datetime


@dataclass(frozen=True, kw_only=True)
class Written:
    """Firestore's answer to one write."""

    update_time: Microseconds
    transform_results: Sequence[Value]


class Store:
    """One database. Whoever reads or writes holds `lock`; listeners are told inside of it, in the order of commits."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._documents: dict[str, Stored] = {}
        self.commits = 0
        """How many there were so far."""
        self._last_commit: dict[str, int] = {}
        """That wrote a document, also one that is gone: it was the so-manieth."""
        self._listeners: list[Callable[[Created], object]] = []
        self._time: Microseconds = 0

    def listen(self, listener: Callable[[Created], object]) -> None:
        with self.lock:
            self._listeners.append(listener)

    def now(self) -> Microseconds:
        """Later than ever before."""
        self._time = max(self._time + 1, time.time_ns() // 1000)
        return self._time

    def get(self, path: str) -> Stored | None:
        return self._documents.get(limits.check_path(path))

    def all(self) -> Sequence[Stored]:
        return list(self._documents.values())

    def commit(self, writes: Sequence[Write], begun_after: int) -> tuple[list[Written], Microseconds]:
        """All of them or none: what is written becomes visible after the last one has passed.

        ABORTED if one of the documents was written by a commit after those that there were when this one began.
        """
        if any(self._last_commit.get(_path(write), 0) > begun_after for write in writes):
            raise RefusedError(grpc.StatusCode.ABORTED, "Too much contention on these documents. Please try again.")
        now, changed, answers = self.now(), dict[str, Stored | None](), list[Written]()
        for write in writes:
            path, after, results = self._after(write, changed, now)
            changed[path] = after
            answers.append(Written(update_time=after.update_time if after else now, transform_results=results))
        self._apply(changed, now)
        return answers, now

    def _after(
        self,
        write: Write,
        changed: Mapping[str, Stored | None],
        now: Microseconds,
    ) -> tuple[str, Stored | None, list[Value]]:
        path = _path(write)
        before = changed[path] if path in changed else self._documents.get(path)
        _check_precondition(write, path, before)
        if write.WhichOneof("operation") == "delete":
            return path, None, []
        fields, results = _fields_after(write, before.fields if before else {}, now)
        limits.check_document(path, fields)
        if before and fields == before.fields:
            return path, before, results
        created = before.create_time if before else now
        return path, Stored(path=path, fields=fields, create_time=created, update_time=now), results

    def _apply(self, changed: Mapping[str, Stored | None], now: Microseconds) -> None:
        self.commits += 1
        for path, after in changed.items():
            self._last_commit[path] = self.commits
            before = self._documents.pop(path, None)
            if after is None:
                continue
            self._documents[path] = after
            if before is None:
                moment = datetime.fromtimestamp(now / 1_000_000, UTC)
                for listener in self._listeners:
                    listener(Created(path=path, fields=after.fields, time=moment))


def _path(write: Write) -> str:
    kind = write.WhichOneof("operation")
    if kind not in ("update", "delete"):
        raise unimplemented(f"the write {kind}")
    name: str = write.update.name if kind == "update" else write.delete
    return limits.check_path(name.split("/documents/", 1)[1])


def _check_precondition(write: Write, path: str, before: Stored | None) -> None:
    condition = write.current_document
    kind = condition.WhichOneof("condition_type")
    if kind == "exists" and condition.exists and before is None:
        raise RefusedError(grpc.StatusCode.NOT_FOUND, f"No document to update: {path}")
    if kind == "exists" and not condition.exists and before is not None:
        raise RefusedError(grpc.StatusCode.ALREADY_EXISTS, f"Document already exists: {path}")
    if kind == "update_time":
        if before is None:
            raise RefusedError(grpc.StatusCode.NOT_FOUND, f"No document to update: {path}")
        if condition.update_time != timestamp(before.update_time):
            raise RefusedError(
                grpc.StatusCode.FAILED_PRECONDITION,
                f"the stored version ({before.update_time}) does not match the required base version",
            )


def _fields_after(write: Write, before: Fields, now: Microseconds) -> tuple[Fields, list[Value]]:
    """With a mask the fields that it names are set or deleted and the others stay; without one all are replaced."""
    given = write.update.fields
    if write.HasField("update_mask"):
        after = dict(before)
        for path in write.update_mask.field_paths:
            after.pop(field_name(path), None)
            if path in given:
                after[path] = given[path]
    else:
        after = dict(given)
    results = list[Value]()
    for transform in write.update_transforms:
        name = field_name(transform.field_path)
        after[name] = transformed(transform, after.get(name), timestamp(now))
        results.append(after[name])
    return after, results
