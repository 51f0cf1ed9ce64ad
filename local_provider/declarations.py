"""Resources that are a declaration and nothing else: a file that the run time reads when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from cronsim import CronSim, CronSimError
from pulumi.provider.experimental.provider import CheckFailure

from components.saga.definition import SagaError
from components.saga.json import from_document
from local_provider import files
from local_provider.properties import Plain
from local_provider.resource import Kind, Place
from local_runtime.declarations import Declaration
from local_runtime.patterns import PatternError, compile_pattern


class Declared(Kind):
    """Writes `<home>/declarations/<kind>/<name>.json`."""

    def __init__(self, declaration: type[Declaration]) -> None:
        self.name = declaration.__name__.lower()
        self.replaces = declaration.replaces
        self.struct = declaration

    def further_failures(self, inputs: Plain) -> Iterator[CheckFailure]:
        for name, judge in MEANINGS.get(self.name, {}).items():
            problem = judge(inputs[name]) if name in inputs else None
            if problem:
                yield CheckFailure(name, problem)

    def create(self, inputs: Plain) -> Plain:
        files.write(self.file(Place.of(self.name, inputs)), self._content(inputs))
        return {"digest": self.digest(inputs)}

    def read(self, place: Place, state: Plain) -> Plain | None:
        """A file that cannot be read as the declaration is as good as none: `up` writes it anew."""
        with suppress(FileNotFoundError, NotADirectoryError, msgspec.MsgspecError):
            declaration = msgspec.json.decode(self.file(place).read_bytes(), type=self.struct)
            found = {"home": str(place.home.root), **msgspec.to_builtins(declaration)}
            return {**found, "digest": self.digest(found)}
        return None

    def update(self, state: Plain, inputs: Plain) -> Plain:
        return self.create(inputs)

    def delete(self, state: Plain) -> None:
        place = Place.of(self.name, state)
        files.remove(self.file(place), home=place.home.root)

    def file(self, place: Place) -> Path:
        return place.home.declarations / self.name / f"{place.name}.json"

    def _content(self, inputs: Plain) -> bytes:
        declared = {name: value for name, value in inputs.items() if name != "home"}
        return msgspec.json.format(msgspec.json.encode(msgspec.convert(declared, self.struct)), indent=2)


def _saga(document: dict[str, Any]) -> str | None:
    try:
        from_document(document)
    except SagaError as error:
        return str(error)
    return None


def _pattern(pattern: dict[str, list[Any]]) -> str | None:
    try:
        compile_pattern(pattern)
    except PatternError as error:
        return str(error)
    return None


def _cron(cron: str) -> str | None:
    try:
        CronSim(cron, datetime.now(UTC))
    except CronSimError as error:
        return f'"{cron}" is not a schedule ({error}); write five fields, as in "0 3 * * *"'
    return None


def _timezone(timezone: str) -> str | None:
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        return f'"{timezone}" is not known; use a name such as Europe/Berlin, or UTC'
    return None


MEANINGS: dict[str, dict[str, Callable[[Any], str | None]]] = {
    "workflow": {"saga": _saga},
    "rule": {"pattern": _pattern},
    "subscription": {"filter": _pattern},
    "schedule": {"cron": _cron, "timezone": _timezone},
}
"""What a type cannot say of an input, by kind and field: the problem, or None."""
