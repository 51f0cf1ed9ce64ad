"""AWS as a file, behind a provider that the engine finds on PATH."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engine.systems import Raw

PROVIDER = Path(__file__).parent / "provider"


@dataclass(frozen=True)
class Account:
    """What is there, as the file of the simulated AWS has it."""

    path: Path

    def resources(self) -> dict[str, Any]:
        return dict(json.loads(self.path.read_text() or "{}")) if self.path.exists() else {}

    def kinds(self) -> list[str]:
        return sorted(key.split()[0].rpartition(":")[2] for key in self.resources())

    def drift(self, key: str, **inputs: object) -> None:
        """Change a resource behind Pulumi's back; without inputs it is gone."""
        resources = self.resources()
        if inputs:
            resources[key]["inputs"].update(inputs)
        else:
            del resources[key]
        self.path.write_text(json.dumps(resources))


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    account = Account(tmp_path_factory.mktemp("aws") / "account.json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{PROVIDER}{os.pathsep}{os.environ['PATH']}")
        patch.setenv("ORDERLY_PYTHON", sys.executable)
        patch.setenv("ORDERLY_SIMULATED_AWS", str(account.path))
        yield account


@pytest.fixture(scope="module")
def stack(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    raw = Raw(tmp_path_factory.mktemp("stack"))
    yield raw
    raw.destroy()
