"""Azure as a file, behind a provider that the engine finds on PATH, with the deployment sites of its apps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.azure.azure import Azure, simulated_azure
from tests.engine.simulated.account import Account


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azure]:
    with simulated_azure(tmp_path_factory.mktemp("azure")) as azure:
        yield azure


@pytest.fixture(scope="module")
def account(azure: Azure) -> Account:
    return azure.account
