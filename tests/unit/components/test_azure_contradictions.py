"""Settings of the block `azure` that cannot be together, each with the one line that its author gets."""

from __future__ import annotations

from typing import Any

import pytest

from components.config import OrderSystemConfig
from components.vendor_contradictions import vendor_contradictions

TOKEN = {"issuer": "https://login.example", "audience": "orders", "keys_url": "https://login.example/jwks"}
ON_THIS_MACHINE = {**TOKEN, "issuer": "http://127.0.0.1:8080"}
WEBHOOK = {"webhook_url": "https://ops.example", "webhook_secret": "word"}
HEADER_LIMIT = (
    "notification.webhook_secret: this secret is not allowed; allowed on azure are 1 to 512 printable characters of "
    "ASCII, no space at either end (a Logic App posts it in a header); choose another one"
)

WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"publisher_email": None},
        {},
        "azure.publisher_email: missing; allowed with azure.api_kind consumption is a mail address (API Management "
        "asks for one); set it, or azure.alarm_email, or set azure.api_kind to direct",
    ),
    (
        {"max_instances": 9},
        {"stage": "prod"},
        "azure.max_instances: 9 is not allowed; allowed is 10 to 1000 (10 instances are kept ready from the start); "
        "raise it, or lower functions.warm_instances",
    ),
    (
        {"api_kind": "basic"},
        {"api": {"token": ON_THIS_MACHINE}},
        "api.token.issuer: http://127.0.0.1:8080 is not allowed; allowed on azure is an https:// address (API "
        "Management reads the issuer's discovery document); use an issuer that Azure can reach",
    ),
    (
        {},
        {"notification": {**WEBHOOK, "webhook_url": "http://localhost/hook"}},
        "notification.webhook_url: an http:// address is not allowed; allowed on azure is an https:// address (the "
        "webhook's secret travels with each message); give an address that Azure can reach",
    ),
    ({}, {"notification": {**WEBHOOK, "webhook_secret": "two\nlines"}}, HEADER_LIMIT),
    ({}, {"notification": {**WEBHOOK, "webhook_secret": " padded"}}, HEADER_LIMIT),
    ({}, {"notification": {**WEBHOOK, "webhook_secret": "x" * 513}}, HEADER_LIMIT),
]
SOUND: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({}, {"stage": "prod"}),
    ({"publisher_email": None, "alarm_email": "ops@shop.example"}, {}),
    ({"publisher_email": None, "api_kind": "direct"}, {}),
    ({"api_kind": "direct"}, {"api": {"token": ON_THIS_MACHINE}}),
    ({"max_instances": 10}, {"stage": "prod"}),
    ({}, {"notification": WEBHOOK}),
    ({}, {"notification": {**WEBHOOK, "webhook_secret": "x"}}),
    ({}, {"notification": {**WEBHOOK, "webhook_secret": "x" * 512}}),
]


def problems(target: str, block: dict[str, Any], rest: dict[str, Any]) -> list[str]:
    place = {
        "subscription": "11111111-2222-3333-4444-555555555555",
        "tenant_id": "66666666-7777-8888-9999-aaaaaaaaaaaa",
        "application_id": "bbbbbbbb-cccc-dddd-eeee-ffffffffffff",
        "location": "westeurope",
        "publisher_email": "api@shop.example",
    }
    written = {"stage": "dev", "target": target, "api": {"token": TOKEN}, "azure": {**place, **block}, **rest}
    return [str(problem) for problem in vendor_contradictions(OrderSystemConfig.model_validate(written))]


@pytest.mark.parametrize(("block", "rest", "line"), WRONG, ids=[line.partition(";")[0] for _, _, line in WRONG])
def test_a_wrong_pair_gets_one_line_that_says_what_to_do(
    block: dict[str, Any], rest: dict[str, Any], line: str
) -> None:
    assert problems("azure", block, rest) == [f"orderly:{line}"]


@pytest.mark.parametrize(("block", "rest"), SOUND)
def test_what_can_be_together_is_left_alone(block: dict[str, Any], rest: dict[str, Any]) -> None:
    assert problems("azure", block, rest) == []


def test_another_target_may_have_a_block_that_azure_would_refuse() -> None:
    assert problems("local", {"publisher_email": None}, {}) == []


def test_every_wrong_pair_is_reported_at_once() -> None:
    found = problems("azure", {"publisher_email": None, "max_instances": 1}, {"stage": "prod"})
    assert [line.split(":")[1] for line in found] == ["azure.publisher_email", "azure.max_instances"]
