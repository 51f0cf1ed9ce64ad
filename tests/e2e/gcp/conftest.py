"""Each kind of API once, one after the other, for all tests of this folder: deploying takes longer than any test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.api import Api
from tests.e2e.gcp.operating import Operator, client
from tests.e2e.gcp.system import ORIGIN, SETTINGS, GcpSystem, deployed
from tests.e2e.smoke import gateway_at

KINDS: Mapping[str, Mapping[str, Any]] = {
    "gateway": {},
    "load-balancer": {"gcp": {**SETTINGS["gcp"], "api_kind": "load_balancer", "domain": "orders.shop.example"}},
    "direct": {"gcp": {**SETTINGS["gcp"], "api_kind": "direct"}},
}


@pytest.fixture(scope="package", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory, kind: str) -> Iterator[GcpSystem]:
    with deployed(tmp_path_factory.mktemp("gcp"), **KINDS[kind]) as system:
        yield system


@pytest.fixture(scope="package")
def operator(system: GcpSystem) -> Iterator[Operator]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIRESTORE_EMULATOR_HOST", system.world.firestore.address)
        firestore = client(system)
    yield Operator(system, firestore)
    firestore.close()  # type: ignore[no-untyped-call]


@pytest.fixture(scope="package")
def api(system: GcpSystem) -> Api:
    url = system.outputs["api_url"]
    return Api(
        system.world.reachable(url),
        system.issuer.token("ours"),
        system.issuer.token("theirs"),
        ORIGIN,
        gateway=gateway_at(url, "gcp"),
    )
