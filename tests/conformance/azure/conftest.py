from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from functions.adapters.azure import layout
from functions.adapters.azure.items import Items
from functions.environment import Environment, Variable
from tests.azure.cosmos_fake import CosmosFake
from tests.azure.loopback_clients import LoopbackClients
from tests.conformance.azure_target import AzureTarget, open_azure


@pytest.fixture
def azure() -> Iterator[AzureTarget]:
    with open_azure() as opened:
        yield opened


@pytest.fixture
def fake() -> Iterator[CosmosFake]:
    with CosmosFake() as running:
        yield running


@pytest.fixture
def clients(fake: CosmosFake) -> Iterator[LoopbackClients]:
    environment = Environment({Variable.COSMOS_ENDPOINT: fake.endpoint, Variable.DATABASE: "orders"})
    with closing(LoopbackClients(environment)) as made:
        yield made


@pytest.fixture
def waits() -> list[float]:
    """The seconds that `items` would have waited."""
    return []


@pytest.fixture
def items(clients: LoopbackClients, waits: list[float]) -> Items:
    """Of the inventory, all of which is in one partition."""
    return Items(lambda: clients.database.get_container_client(layout.INVENTORY), "partition", pause=waits.append)
