"""Every contract's test runs once for each target that exists."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from components.targets import TargetName, existing
from tests.reading import Reading
from tests.readings import READINGS


@pytest.fixture(params=existing())
def target(request: pytest.FixtureRequest) -> TargetName:
    name: TargetName = request.param
    return name


@pytest.fixture
def read(target: TargetName) -> Reading:
    return READINGS[target]


@pytest.fixture
def other_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)
