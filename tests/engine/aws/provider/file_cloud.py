"""AWS as one JSON file, which a test can change to make what is there differ from what was declared."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.aws import outputs
from tests.engine.aws.provider.cloud import Asked, CloudError, Found

Records = dict[str, dict[str, Any]]
FUNCTION = "aws:lambda/function:Function"
TABLE = "aws:dynamodb/table:Table"
REFUSES_DELETION = {
    TABLE: ("deletionProtectionEnabled", True),
    "aws:cloudwatch/logGroup:LogGroup": ("deletionProtectionEnabled", True),
    "aws:cognito/userPool:UserPool": ("deletionProtection", "ACTIVE"),
}
"""The input that keeps a resource of this type from being deleted, and its value."""


@dataclass(frozen=True)
class FileCloud:
    """Safe to use from several processes at once: the engine starts one for each provider of a program."""

    path: Path

    def create(self, asked: Asked) -> Found:
        found = _found(asked, version=1)
        with self._records() as records:
            key = _key(asked.type, found.id)
            if key in records:
                raise CloudError(f"{asked.type} {found.id} exists already")
            records[key] = asdict(found)
        return found

    def read(self, type_token: str, resource_id: str) -> Found | None:
        with self._records() as records:
            record = records.get(_key(type_token, resource_id))
        return Found(**record) if record else None

    def update(self, asked: Asked, resource_id: str) -> Found:
        with self._records() as records:
            key = _key(asked.type, resource_id)
            if key not in records:
                raise CloudError(f"{asked.type} {resource_id} does not exist")
            found = _found(asked, version=_next_version(records[key], asked))
            records[key] = asdict(found)
        return found

    def delete(self, type_token: str, resource_id: str) -> None:
        with self._records() as records:
            record = records.get(_key(type_token, resource_id))
            name, value = REFUSES_DELETION.get(type_token, ("", None))
            if record and name and record["inputs"].get(name) == value:
                raise CloudError(f"{type_token} {resource_id} is protected from deletion")
            records.pop(_key(type_token, resource_id), None)

    @contextmanager
    def _records(self) -> Iterator[Records]:
        with self.path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            records = json.loads(file.read() or "{}")
            yield records
            file.truncate(0)
            json.dump(records, file, indent=2, sort_keys=True)


def _found(asked: Asked, *, version: int) -> Found:
    known = {**asked.inputs, "version": str(version)} if asked.type == FUNCTION else asked.inputs
    resource_id, computed = outputs.computed(asked.type, asked.logical_name, known, asked.place)
    return Found(id=resource_id, inputs=dict(asked.inputs), computed=computed)


def _next_version(record: Mapping[str, Any], asked: Asked) -> int:
    """A published version for each change of code or configuration; tags are neither."""
    published = record["computed"].get("version", "1")
    if asked.type != FUNCTION or not published.isdigit():
        return 1
    old, new = ({**inputs, "tags": None} for inputs in (record["inputs"], asked.inputs))
    return int(published) + (old != new)


def _key(type_token: str, resource_id: str) -> str:
    return f"{type_token} {resource_id}"
