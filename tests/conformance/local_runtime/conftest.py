from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.local_runtime.running import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    declared = Shop.declare(tmp_path)
    yield declared
    declared.end()
