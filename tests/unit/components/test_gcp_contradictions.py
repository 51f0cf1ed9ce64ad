"""Settings of the block `gcp` that cannot be together, each with the one line that its author gets."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import OrderSystemConfig
from components.gcp_blocks import GATEWAY_REGIONS
from components.vendor_contradictions import vendor_contradictions

TOKEN = {"issuer": "https://login.example", "audience": "orders", "keys_url": "https://login.example/jwks"}
REGIONS = (
    "asia-northeast1, australia-southeast1, europe-west1, europe-west2, us-central1, us-east1, us-east4, us-west2, "
    "us-west3 or us-west4"
)

WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"region": "europe-west3"},
        {},
        f"gcp.gateway_region: missing; allowed is {REGIONS} (there is no API Gateway in gcp.region europe-west3); "
        "take the nearest, or set gcp.api_kind to load_balancer or direct",
    ),
    (
        {"gateway_region": "europe-west2", "api_kind": "direct"},
        {},
        "gcp.gateway_region: europe-west2 is not allowed; allowed is nothing with gcp.api_kind direct (there is no "
        "gateway then); leave it out, or set gcp.api_kind to gateway",
    ),
    (
        {"api_kind": "load_balancer"},
        {},
        "gcp.domain: missing; allowed with gcp.api_kind load_balancer is a domain, as in orders.example.com (its "
        "certificate is for one); name one of yours, or set gcp.api_kind to gateway or direct",
    ),
    (
        {"domain": "orders.example.com"},
        {},
        "gcp.domain: orders.example.com is not allowed; allowed is nothing with gcp.api_kind gateway (it answers to a "
        "name of Google's alone); leave it out, or set gcp.api_kind to load_balancer",
    ),
    (
        {"max_instances": 9},
        {"stage": "prod"},
        "gcp.max_instances: 9 is not allowed; allowed is 10 to 1000 (10 instances are kept ready from the start); "
        "raise it, or lower functions.warm_instances",
    ),
    (
        {},
        {"api": {"token": {**TOKEN, "keys_url": "http://127.0.0.1:8080/jwks"}}},
        "api.token.keys_url: http://127.0.0.1:8080/jwks is not allowed; allowed on gcp is an https:// address (API "
        "Gateway reads the issuer's keys from there); use an issuer that Google can reach",
    ),
]
SOUND: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({}, {"stage": "prod"}),
    ({"region": "europe-west3", "gateway_region": "europe-west1"}, {}),
    ({"region": "europe-west3", "api_kind": "direct"}, {}),
    ({"region": "europe-west3", "api_kind": "load_balancer", "domain": "orders.example.com"}, {}),
    ({"max_instances": 10}, {"stage": "prod"}),
    ({"api_kind": "direct"}, {"api": {"token": {**TOKEN, "keys_url": "http://127.0.0.1:8080/jwks"}}}),
]


def problems(target: str, block: dict[str, Any], rest: dict[str, Any]) -> list[str]:
    place = {"project": "my-shop", "region": "europe-west1"}
    written = {"stage": "dev", "target": target, "api": {"token": TOKEN}, "gcp": {**place, **block}, **rest}
    return [str(problem) for problem in vendor_contradictions(OrderSystemConfig.model_validate(written))]


@pytest.mark.parametrize(("block", "rest", "line"), WRONG, ids=[line.partition(";")[0] for _, _, line in WRONG])
def test_a_wrong_pair_gets_one_line_that_says_what_to_do(
    block: dict[str, Any], rest: dict[str, Any], line: str
) -> None:
    assert problems("gcp", block, rest) == [f"orderly:{line}"]


@pytest.mark.parametrize(("block", "rest"), SOUND)
def test_what_can_be_together_is_left_alone(block: dict[str, Any], rest: dict[str, Any]) -> None:
    assert problems("gcp", block, rest) == []


@pytest.mark.parametrize("region", GATEWAY_REGIONS)
def test_where_api_gateway_is_it_needs_no_other_region(region: str) -> None:
    assert problems("gcp", {"region": region}, {}) == []


def test_another_target_may_have_a_block_that_google_cloud_would_refuse() -> None:
    assert problems("local", {"region": "europe-west3", "domain": "orders.example.com"}, {}) == []


def test_every_wrong_pair_is_reported_at_once() -> None:
    found = problems("gcp", {"region": "europe-west3", "max_instances": 1}, {"stage": "prod"})
    assert [line.split(":")[1] for line in found] == ["gcp.gateway_region", "gcp.max_instances"]
