"""Two systems, one after the other, for all tests of this folder: deploying one takes longer than any test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.api import Api
from tests.e2e.aws.cloud.unplayed import UNPLAYED_TESTS
from tests.e2e.aws.operating import Operator
from tests.e2e.aws.sign_in import token_for
from tests.e2e.aws.system import ORIGIN, SETTINGS, AwsSystem, deployed
from tests.e2e.smoke import gateway_at
from tests.e2e.webhook import Webhook

KINDS: Mapping[str, Mapping[str, Any]] = {
    "http-standard": {},
    "rest-express": {"aws": {**SETTINGS["aws"], "api_kind": "rest"}, "workflow": {"durability": "express"}},
}
"""Both gateways and both kinds of workflow."""


@pytest.fixture(scope="package")
def webhook() -> Iterator[Webhook]:
    with Webhook() as webhook:
        yield webhook


@pytest.fixture(scope="package", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="package")
def system(tmp_path_factory: pytest.TempPathFactory, webhook: Webhook, kind: str) -> Iterator[AwsSystem]:
    with deployed(tmp_path_factory.mktemp("aws"), webhook=webhook.url, **KINDS[kind]) as system:
        yield system


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        test, _, parameters = item.name.partition("[")
        reason = UNPLAYED_TESTS.get((parameters.rstrip("]"), test))
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="package")
def operator(system: AwsSystem) -> Operator:
    return Operator(system)


@pytest.fixture(scope="package")
def api(system: AwsSystem) -> Api:
    return Api(
        system.reachable(system.outputs["api_url"]),
        token_for(system, "ours"),
        token_for(system, "theirs"),
        ORIGIN,
        gateway=gateway_at(system.outputs["api_url"], "aws"),
    )
