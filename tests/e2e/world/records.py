"""What a deployment left behind, as plain values: all that the world is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.registration import kind_of


@dataclass(frozen=True)
class Record:
    """A resource as it is: what it was given, and what the cloud added."""

    type: str
    id: str
    values: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """As `pubsub.Topic`."""
        return kind_of(self.type)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 JSON
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 JSON
        return self.values.get(name, default)


@dataclass(frozen=True)
class Records:
    """`made` has each resource by its type token and identifier; `uploads` has what was uploaded, by its digest."""

    made: Mapping[str, Mapping[str, Any]]
    uploads: Path

    def of(self, kind: str) -> Iterator[Record]:
        return (_record(key, told) for key, told in tuple(self.made.items()) if kind_of(_type(key)) == kind)

    def one(self, kind: str, **values: object) -> Record:
        """LookupError unless there is exactly one with these values."""
        found = [each for each in self.of(kind) if values.items() <= _flat(each).items()]
        if len(found) != 1:
            raise LookupError(f"{len(found)} of {kind} have {values}")
        return found[0]

    def uploaded(self, source: str) -> Path:
        return self.uploads / source

    def __iter__(self) -> Iterator[Record]:
        return (_record(key, told) for key, told in tuple(self.made.items()))


def _record(key: str, told: Mapping[str, Any]) -> Record:
    return Record(_type(key), told["id"], {**told["inputs"], **told["computed"], "id": told["id"]})


def _type(key: str) -> str:
    return key.partition(" ")[0]


def _flat(record: Record) -> dict[str, object]:
    return {name: value for name, value in record.values.items() if isinstance(value, str | int)}


def last_part(name: str) -> str:
    """What a full name ends with."""
    return name.rpartition("/")[2]
