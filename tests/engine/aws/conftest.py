"""AWS as a file, behind a provider that the engine finds on PATH."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.simulated.account import Account, simulated


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with simulated("aws", tmp_path_factory.mktemp("aws")) as account:
        yield account
