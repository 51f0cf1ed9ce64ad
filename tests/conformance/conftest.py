"""Every port's suite runs for each of these; a target joins by one line here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.conformance.local_target import open_local
from tests.conformance.memory_world import open_memory
from tests.conformance.worlds import Open, OpenTarget, Target, World

TARGETS: Mapping[str, OpenTarget] = {"local": open_local}
WORLDS: Mapping[str, Open] = {"memory": open_memory, **TARGETS}


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    with TARGETS[request.param](tmp_path) as opened:
        yield opened


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A target, or the ports in memory that unit tests rely on."""
    with WORLDS[request.param](tmp_path) as opened:
        yield opened
