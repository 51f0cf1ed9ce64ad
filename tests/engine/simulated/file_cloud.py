"""A cloud as one JSON file, which a test can change to make what is there differ from what was declared.

Beside it lie `files`, what was uploaded by its digest, and `deleted.json`, how often each resource was deleted.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from tests.engine.simulated.cloud import Asked, CloudError, Found

Record: TypeAlias = dict[str, Any]
"""A Found."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is there, and how often each that once was has been deleted, by `<type token> <identifier>`."""

    there: dict[str, Record] = field(default_factory=dict)
    deleted: dict[str, int] = field(default_factory=dict)

    def of(self, type_token: str) -> Iterator[Record]:
        return (record for key, record in self.there.items() if key.startswith(f"{type_token} "))

    def gone(self, type_token: str) -> frozenset[str]:
        """The keys of those that were deleted and are not there again."""
        return frozenset(key for key in self.deleted.keys() - self.there.keys() if key.startswith(f"{type_token} "))


class Rules(Protocol):
    """How one cloud answers; that it keeps what it was given is the file's part."""

    def found(self, asked: Asked, before: Found | None, kept: Kept) -> Found:
        """What becomes of what is asked, or of what was there before."""
        ...

    def refuse_creation(self, asked: Asked, found: Found, kept: Kept) -> None:
        """CloudError for whatever cannot be made."""
        ...

    def goes(self, type_token: str, there: Found, kept: Kept) -> Collection[str]:
        """The keys of what is gone once a resource is deleted: its own and those of what goes with it, or none if it
        outlives its deletion. CloudError if it may not be deleted.
        """
        ...


@dataclass(frozen=True)
class FileCloud:
    """Safe to use from several processes at once: the engine starts one for each provider of a program."""

    path: Path
    rules: Rules

    def create(self, asked: Asked) -> Found:
        with self._kept() as kept:
            found = self.rules.found(asked, None, kept)
            self.rules.refuse_creation(asked, found, kept)
            self._keep(asked, found, kept)
        return found

    def read(self, type_token: str, resource_id: str) -> Found | None:
        record = _read(self.path).get(key_of(type_token, resource_id))
        return Found(**record) if record else None

    def update(self, asked: Asked, resource_id: str) -> Found:
        with self._kept() as kept:
            record = kept.there.get(key_of(asked.type, resource_id))
            if record is None:
                raise CloudError(f"{asked.type} {resource_id} does not exist")
            found = self.rules.found(asked, Found(**record), kept)
            self._keep(asked, found, kept)
        return found

    def delete(self, type_token: str, resource_id: str) -> None:
        key = key_of(type_token, resource_id)
        with self._kept() as kept:
            record = kept.there.get(key)
            for gone in self.rules.goes(type_token, Found(**record), kept) if record else ():
                del kept.there[gone]
                kept.deleted[gone] = kept.deleted.get(gone, 0) + 1

    def _keep(self, asked: Asked, found: Found, kept: Kept) -> None:
        kept.there[key_of(asked.type, found.id)] = asdict(found)
        folder = self.path.parent / "files"
        for name, path in asked.files.items():
            folder.mkdir(exist_ok=True)
            shutil.copyfile(path, folder / asked.inputs[name])

    @contextmanager
    def _kept(self) -> Iterator[Kept]:
        """Nothing is written if what is done meanwhile fails."""
        deleted = self.path.with_name("deleted.json")
        with self.path.with_name("lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = Kept(there=_read(self.path), deleted=_read(deleted))
            yield kept
            _write(deleted, kept.deleted)
            _write(self.path, kept.there)


def key_of(type_token: str, resource_id: str) -> str:
    return f"{type_token} {resource_id}"


def refuse_second(asked: Asked, found: Found, kept: Kept) -> None:
    """CloudError if there is such a resource already."""
    if key_of(asked.type, found.id) in kept.there:
        raise CloudError(f"{asked.type} {found.id} exists already")


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _write(path: Path, content: dict[str, Any]) -> None:
    """At one stroke: whoever reads meanwhile, or finds it after a process was killed, has the one or the other."""
    written = path.with_suffix(".new")
    written.write_text(json.dumps(content, sort_keys=True), encoding="utf-8")
    written.replace(path)
