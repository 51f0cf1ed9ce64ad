"""The issuer's promise: the API knows whose tokens to believe."""

from __future__ import annotations

from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading
from tests.readings import READINGS

ELSEWHERE = {
    "issuer": "https://login.example",
    "audience": "orders",
    "keys_url": "https://login.example/jwks",
}


def test_a_configured_issuer_is_believed(target: TargetName, read: Reading) -> None:
    graph = build(config(target, api={"token": ELSEWHERE}))
    assert read.believed(graph) == ("https://login.example", "orders")
    assert graph.outputs.items() >= {("token_issuer", "https://login.example"), ("token_audience", "orders")}


def test_its_keys_are_read_from_where_they_are_published() -> None:
    variables = READINGS["local"].variables(build(config("local", api={"token": ELSEWHERE})), "api")
    assert variables["ORDERLY_TOKEN_KEYS"] == ELSEWHERE["keys_url"]


def test_a_configured_issuer_leaves_no_key_pair_on_this_machine() -> None:
    assert build(config("local", api={"token": ELSEWHERE})).of("Issuer") == {}


def test_the_local_issuers_public_keys_are_read_from_its_folder() -> None:
    graph = build(config("local"))
    assert graph.one("Function", "api").inputs["environment"]["ORDERLY_TOKEN_KEYS"] == (
        f"file://{graph.outputs['folder']}/issuer/jwks.json"
    )
