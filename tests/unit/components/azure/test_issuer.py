"""The issuer is another's, and whether the function verifies its tokens depends on what stands before it."""

from __future__ import annotations

import pytest

from components.errors import WiringError
from components.function import Function
from components.issuer import Issuer, IssuerArgs
from components.shop_blocks import TokenConfig
from tests.azure.reading import settings
from tests.unit.components.azure.place import BLOCK
from tests.unit.components.making import Make, function_args, made_alone

TOKEN = TokenConfig(issuer="https://login.example", audience="orders", keys_url="https://login.example/jwks")


@pytest.mark.parametrize(("api_kind", "verifies"), [("consumption", False), ("basic", False), ("direct", True)])
def test_the_function_knows_the_keys_only_where_it_verifies_tokens(api_kind: str, verifies: bool) -> None:
    def wire(make: Make) -> None:
        issuer = make(Issuer, "issuer", IssuerArgs(configured=TOKEN))
        make(Function, "pack", function_args(issuer.verifier()))

    graph = made_alone("azure", wire, azure={**BLOCK, "api_kind": api_kind})
    assert ("ORDERLY_TOKEN_KEYS" in settings(graph.one("web.WebApp", "pack"))) is verifies


def test_without_a_configured_issuer_there_is_none() -> None:
    def wire(make: Make) -> None:
        make(Issuer, "issuer", IssuerArgs(configured=None))

    with pytest.raises(WiringError, match="issuer issuer needs one that is configured"):
        made_alone("azure", wire)
