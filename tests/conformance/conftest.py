"""Every port's suite runs for each of these; a target joins by one line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager

import pytest

from tests.conformance.aws_target import open_aws
from tests.conformance.azure_target import open_azure
from tests.conformance.gcp_target import open_gcp
from tests.conformance.local_target import open_local
from tests.conformance.memory_world import MemoryWorld
from tests.conformance.worlds import Target, World
from tests.gcp.pubsub.server import Pstest
from tests.ministack import Ministack

TARGETS: Mapping[str, Callable[[pytest.FixtureRequest], AbstractContextManager[Target]]] = {
    "local": lambda request: open_local(request.getfixturevalue("tmp_path")),
    "aws": lambda request: open_aws(request.getfixturevalue("ministack")),
    "gcp": lambda request: open_gcp(request.getfixturevalue("pstest")),
    "azure": lambda _: open_azure(),
}


@pytest.fixture(scope="package")
def ministack() -> Iterator[Ministack]:
    with Ministack() as running:
        yield running


@pytest.fixture(scope="package")
def pstest() -> Iterator[Pstest]:
    with Pstest() as running:
        yield running


@pytest.fixture(params=TARGETS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    with TARGETS[request.param](request) as opened:
        yield opened


@pytest.fixture(params=["memory", *TARGETS])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A target, or the ports in memory that unit tests rely on."""
    if request.param == "memory":
        yield MemoryWorld()
        return
    with TARGETS[request.param](request) as opened:
        yield opened
