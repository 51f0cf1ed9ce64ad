"""Each kind of API once, one after the other, for all tests of this folder: deploying takes longer than any test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.api import Api
from tests.e2e.azure.operating import Operator
from tests.e2e.azure.system import ORIGIN, AzureSystem, deployed
from tests.e2e.smoke import gateway_at
from tests.engine.azure.shop import block

KINDS: Mapping[str, Mapping[str, Any]] = {
    "consumption": {},
    "basic": {"azure": block(api_kind="basic")},
    "direct": {"azure": block(api_kind="direct")},
}


@pytest.fixture(scope="package", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory, kind: str) -> Iterator[AzureSystem]:
    with deployed(tmp_path_factory.mktemp("azure"), **KINDS[kind]) as system:
        yield system


@pytest.fixture(scope="package")
def operator(system: AzureSystem) -> Operator:
    return Operator(system)


@pytest.fixture(scope="package")
def api(system: AzureSystem) -> Api:
    url = system.outputs["api_url"]
    return Api(
        system.world.reachable(url),
        system.issuer.token("ours"),
        system.issuer.token("theirs"),
        ORIGIN,
        gateway=gateway_at(url, "azure"),
    )
