"""What every kind of resource can do, in plain values: the provider deals with the engine, a kind with its files."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import msgspec
from pulumi.provider.experimental.provider import CheckFailure

from local_provider.errors import LocalError
from local_provider.properties import Plain, plain, wrap
from local_runtime.home import Home


@dataclass(frozen=True)
class Place:
    """Where a resource is; its id is `<home>/<kind>/<name>`, by which it can be imported too."""

    home: Home
    kind: str
    name: str

    @classmethod
    def of(cls, kind: str, inputs: Plain) -> Place:
        return cls(Home(Path(inputs["home"])), kind, inputs["name"])

    @classmethod
    def parse(cls, kind: str, resource_id: str) -> Place:
        path = PurePosixPath(resource_id)
        if not path.is_absolute() or len(path.parts) < 4 or path.parent.name != kind:
            raise LocalError(f"{resource_id} is no id of a {kind}: write it as <home>/{kind}/<name>, from the root")
        return cls(Home(Path(path.parents[1])), kind, path.name)

    def __str__(self) -> str:
        return str(self.home.root / self.kind / self.name)


class Kind(ABC):
    """Each operation touches only the resource's own files, since the engine runs many at once, and can be repeated."""

    name: str
    struct: type[msgspec.Struct]
    replaces: tuple[str, ...] = ("name",)
    """What cannot change in place, besides `home`."""
    secrets: frozenset[str] = frozenset()
    """Inputs that are secret however the program passed them."""
    reuses_place = False
    """A replacement would lie where the old one is, so the old one goes first."""

    def further_failures(self, inputs: Plain) -> Iterator[CheckFailure]:
        """What is wrong although each input fits its type; `inputs` holds only those that are known and fit."""
        yield from ()

    def first_failures(self, inputs: Plain) -> Iterator[CheckFailure]:
        """What stands in the way of a resource that is not in the state yet; asked once nothing else is wrong."""
        yield from ()

    def preview(self, inputs: Plain, state: Plain | None) -> Plain:
        """The outputs that creating (state None) or updating would have, as far as they can be told before."""
        return {"digest": self.digest(inputs)}

    @abstractmethod
    def create(self, inputs: Plain) -> Plain:
        """Make it, or take over what an interrupted `up` has left; returns the outputs."""

    @abstractmethod
    def read(self, place: Place, state: Plain) -> Plain | None:
        """What is really there, inputs and outputs; None if nothing is. `state` is empty when it is imported."""

    @abstractmethod
    def update(self, state: Plain, inputs: Plain) -> Plain: ...

    @abstractmethod
    def delete(self, state: Plain) -> None:
        """Leaves no file of it behind; deleting what is gone is fine."""

    def is_sick(self, state: Plain) -> list[str]:
        """Outputs that show that it has to be mended although no input changed."""
        return []

    def digest(self, inputs: Plain) -> str:
        """Of the inputs without secrets: the same as long as nothing that others follow has changed."""
        kept = plain(wrap({name: value for name, value in inputs.items() if name not in self.secrets}))
        return hashlib.sha256(msgspec.json.encode(kept, order="deterministic")).hexdigest()
