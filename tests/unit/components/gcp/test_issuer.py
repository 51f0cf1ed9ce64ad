"""The issuer: another's, which the configuration has to name."""

from __future__ import annotations

import pytest

from components.errors import WiringError
from components.issuer import Issuer, IssuerArgs
from tests.graph import build, config
from tests.unit.components.making import Make, made_alone


def test_nothing_is_made_for_it() -> None:
    graph = build(config("gcp"))
    assert not [each for each in graph if each.parent.endswith("Issuer::issuer")]
    assert not [each for each in graph if each.kind.startswith("identityplatform.")]


def test_without_one_there_is_nobody_to_believe() -> None:
    def wire(make: Make) -> None:
        make(Issuer, "issuer", IssuerArgs(configured=None))

    with pytest.raises(WiringError, match=r"issuer issuer needs one that is configured; set api\.token"):
        made_alone("gcp", wire)
