"""A deployment site on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.azure.site_fake import SiteFake


@pytest.fixture
def site() -> Iterator[SiteFake]:
    with SiteFake() as site:
        yield site
