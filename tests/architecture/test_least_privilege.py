"""Every function may do exactly this, on every target. A new permission is a new line here."""

from __future__ import annotations

import pytest

from components.targets import TargetName, existing
from tests.graph import Graph, build, config
from tests.readings import READINGS

READ_AND_WRITE = {"read database/orders", "write database/orders"}
GRANTS = {
    "api": READ_AND_WRITE,
    "relay": {"consume database/orders", "publish bus/orders"},
    "fulfil": {"consume queue/fulfilment", "start workflow/order"},
    "order-tasks": READ_AND_WRITE,
    "inventory-tasks": READ_AND_WRITE,
    "payment-tasks": {*READ_AND_WRITE, "read secret/payment-api-key"},
    "delivery-tasks": READ_AND_WRITE,
    "project-demand": {"consume queue/inventory", "write database/orders"},
    "notify-customer": {"consume queue/notifications", "write database/orders"},
    "archive-events": {"consume queue/analytics", "write bucket/event-archive"},
    "notify-ops": {"consume queue/ops-notification", "read secret/webhook-secret"},
    "cleanup": READ_AND_WRITE,
}
PARTNERS = {
    "payments": {"url": "https://pay.example", "api_key": "key"},
    "notification": {"webhook_url": "https://ops.example", "webhook_secret": "word"},
}


OWN: dict[TargetName, dict[str, set[str]]] = {"aws": {"issuer-pre-token": set()}, "gcp": {}, "azure": {}, "local": {}}
"""What only one target's systems have."""
BESIDES: dict[TargetName, dict[str, set[str]]] = {"gcp": {"fulfil": {"guard database/orders"}}}
"""What goes with another grant there: Firestore knows no rights on a part of a database, so whoever guards in it that a
run is started once may read and write any other document that it knows the name of."""
NOT_ON: dict[TargetName, set[str]] = {"aws": {"notify-ops"}, "gcp": set(), "azure": {"notify-ops"}, "local": set()}
"""What the target does without a function."""


def _expected(target: TargetName) -> dict[str, set[str]]:
    besides = BESIDES.get(target, {})
    granted = {name: may | besides.get(name, set()) for name, may in {**GRANTS, **OWN[target]}.items()}
    return {name: may for name, may in granted.items() if name not in NOT_ON[target]}


@pytest.fixture(scope="module", params=existing())
def deployed(request: pytest.FixtureRequest) -> tuple[TargetName, Graph]:
    return request.param, build(config(request.param, **PARTNERS))


def test_there_is_no_function_without_its_line(deployed: tuple[TargetName, Graph]) -> None:
    target, graph = deployed
    assert {found.name for found in graph if found.type == f"orderly:{target}:Function"} == set(_expected(target))


def test_every_function_may_do_exactly_this(deployed: tuple[TargetName, Graph]) -> None:
    target, graph = deployed
    read = READINGS[target]
    assert {name: read.grants(graph, name) for name in _expected(target)} == _expected(target)


def test_no_grant_has_a_wildcard(deployed: tuple[TargetName, Graph]) -> None:
    target, graph = deployed
    assert not [grant for name in _expected(target) for grant in READINGS[target].grants(graph, name) if "*" in grant]
