"""A cloud of a test's own: a folder with what is there, behind a provider that the engine finds on PATH."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ENGINE = Path(__file__).parents[1]


@dataclass(frozen=True)
class Account:
    """What is there, as the file of the simulated cloud has it."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "account.json"

    def resources(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text())) if self.path.exists() else {}

    def kinds(self) -> list[str]:
        return sorted(key.split()[0].rpartition(":")[2] for key in self.resources())

    def uploaded(self, digest: str) -> Path:
        """The bytes that an asset or an archive had, which the records have the digest of."""
        return self.folder / "files" / digest

    def drift(self, key: str, **inputs: object) -> None:
        """Change a resource behind Pulumi's back; without inputs it is gone."""
        resources = self.resources()
        if inputs:
            resources[key]["inputs"].update(inputs)
        else:
            del resources[key]
        self.path.write_text(json.dumps(resources))

    def purge(self, key: str) -> None:
        """Nothing is left of what the cloud kept when it was deleted, and of what is in it."""
        identifier = key.partition(" ")[2]
        for path in (self.path, self.path.with_name("deleted.json")):
            kept = json.loads(path.read_text())
            left = {each: value for each, value in kept.items() if not _lies_in(each.partition(" ")[2], identifier)}
            path.write_text(json.dumps(left))


def _lies_in(identifier: str, other: str) -> bool:
    return identifier == other or identifier.startswith(f"{other}/")


@contextmanager
def simulated(package: str, folder: Path) -> Iterator[Account]:
    """The provider of this package is the simulated one meanwhile, before any that the machine may have."""
    account = Account(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{ENGINE / package / 'provider'}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("ORDERLY_PYTHON", sys.executable)
        patch.setenv(f"ORDERLY_SIMULATED_{package.upper()}", str(account.path))
        yield account
