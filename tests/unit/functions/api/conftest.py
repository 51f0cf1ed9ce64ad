from __future__ import annotations

import pytest

from tests.unit.functions.api.shop import Client, Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return Client(shop)
