"""The API under test: the one at ORDERLY_E2E_URL, or a local system that the real engine builds for these tests.

ORDERLY_E2E_TOKEN is a token with the scopes orders:read and orders:write; ORDERLY_E2E_OTHER_TOKEN one of another
tenant; ORDERLY_E2E_ORIGIN an origin that the system's `api.cors_origins` has; ORDERLY_E2E_GATEWAY is `http-api`
or `rest-api` where one of AWS's answers, `api-gateway` where Google's does, `api-management` where Azure's does. The
system has to use the sandbox.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from local_runtime.issuer import mint
from tests.e2e.api import Api
from tests.engine.cli import pulumi_on_path
from tests.engine.systems import System

pytest.register_assert_rewrite("tests.e2e.scenarios")

ORIGIN = "http://localhost:5173"


@pytest.fixture(scope="package")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    url = os.environ.get("ORDERLY_E2E_URL")
    if url:
        yield _deployed(url)
    else:
        yield from _local(System(tmp_path_factory.mktemp("e2e"), delay_scale=1.0))


def _deployed(url: str) -> Api:
    token = os.environ.get("ORDERLY_E2E_TOKEN")
    if not token:
        pytest.fail("ORDERLY_E2E_URL is set and ORDERLY_E2E_TOKEN is not: set it to a token for that API")
    other = os.environ.get("ORDERLY_E2E_OTHER_TOKEN")
    return Api(
        url.rstrip("/"),
        token,
        other,
        os.environ.get("ORDERLY_E2E_ORIGIN", ORIGIN),
        gateway=os.environ.get("ORDERLY_E2E_GATEWAY"),
    )


def _local(system: System) -> Iterator[Api]:
    with pulumi_on_path():
        deployment = system.deployment(api={"cors_origins": [ORIGIN]})
        url = deployment.up().outputs["api_url"]
        ours, theirs = (
            mint(system.home.issuer, tenant=tenant, scope="orders:read orders:write", minutes=60)
            for tenant in ("ours", "theirs")
        )
        yield Api(url, ours, theirs, ORIGIN)
        deployment.destroy()
