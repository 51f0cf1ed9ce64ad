from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.local_system import Running, running


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("system")) as found:
        yield found
