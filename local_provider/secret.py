"""A secret's value in a file of its own: encrypted in Pulumi's state, 0600 on the disk, in no digest and no message."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from local_provider import files
from local_provider.properties import Plain
from local_provider.resource import Kind, Place
from local_runtime.declarations import Declaration


class Inputs(Declaration, frozen=True, kw_only=True):
    value: Annotated[str, Meta(min_length=1)]


class Secret(Kind):
    """Writes `<home>/secrets/<name>`; functions read it when they need it, so a new value restarts nothing."""

    name = "secret"
    struct: type[msgspec.Struct] = Inputs
    secrets = frozenset({"value"})

    def create(self, inputs: Plain) -> Plain:
        place = Place.of(self.name, inputs)
        files.write(place.home.secrets / place.name, inputs["value"].encode())
        return {"digest": self.digest(inputs)}

    def read(self, place: Place, state: Plain) -> Plain | None:
        try:
            value = (place.home.secrets / place.name).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError, UnicodeDecodeError):
            return None
        found = {"home": str(place.home.root), "name": place.name, "value": value}
        return {**found, "digest": self.digest(found)}

    def update(self, state: Plain, inputs: Plain) -> Plain:
        return self.create(inputs)

    def delete(self, state: Plain) -> None:
        place = Place.of(self.name, state)
        files.remove(place.home.secrets / place.name, home=place.home.root)
