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


@pytest.fixture(scope="session", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, kind: str, pytestconfig: pytest.Config) -> Iterator[AzureSystem]:
    """What indexes and invokes the package here is shown: it is not the same proof everywhere."""
    with deployed(tmp_path_factory.mktemp("azure"), **KINDS[kind]) as system:
        reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            (engine,) = {app.worker.engine for app in system.world.apps.values()}
            reporter.write_line(f"the apps of Azure are indexed and invoked by {engine}")
        yield system


@pytest.fixture(scope="session")
def operator(system: AzureSystem) -> Operator:
    return Operator(system)


@pytest.fixture(scope="session")
def api(system: AzureSystem) -> Api:
    url = system.outputs["api_url"]
    return Api(
        system.world.reachable(url),
        system.issuer.token("ours"),
        system.issuer.token("theirs"),
        ORIGIN,
        gateway=gateway_at(url, "azure"),
    )
