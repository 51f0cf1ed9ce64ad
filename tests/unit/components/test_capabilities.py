"""What a target cannot honour is refused; what is one's own is asked for."""

from __future__ import annotations

import pytest

from components.capabilities import CAPABILITIES, refusals
from components.config import OrderSystemConfig
from components.targets import TARGET_NAMES, TargetName

TOKEN = {"issuer": "https://login.example", "audience": "orders", "keys_url": "https://login.example/jwks"}
BLOCKS = {
    "aws": {"region": "eu-central-1"},
    "gcp": {"project": "my-shop", "region": "europe-west1"},
    "azure": {
        "subscription": "11111111-2222-3333-4444-555555555555",
        "tenant_id": "66666666-7777-8888-9999-aaaaaaaaaaaa",
        "application_id": "bbbbbbbb-cccc-dddd-eeee-ffffffffffff",
        "location": "westeurope",
    },
}


def _refused(target: TargetName, **settings: object) -> list[str]:
    config = OrderSystemConfig.model_validate({"stage": "dev", "target": target, **settings})
    return [str(problem) for problem in refusals(config)]


def test_every_target_declares_what_it_can() -> None:
    assert set(CAPABILITIES) == set(TARGET_NAMES)
    assert all(capabilities.differences for capabilities in CAPABILITIES.values())


@pytest.mark.parametrize("target", TARGET_NAMES)
def test_a_target_honours_what_every_target_does(target: TargetName) -> None:
    assert _refused(target, api={"token": TOKEN}, **BLOCKS) == []


def test_a_cloud_needs_to_know_where() -> None:
    assert _refused("aws") == [
        "orderly:aws: missing; allowed on aws is a block of settings (nothing can be placed without it); "
        "set it with: pulumi config set --path orderly:aws.region eu-central-1"
    ]


@pytest.mark.parametrize("target", ["gcp", "azure"])
def test_a_target_without_an_issuer_of_its_own_needs_a_configured_one(target: TargetName) -> None:
    (line,) = _refused(target, **BLOCKS)
    assert line.startswith(f"orderly:api.token: missing; allowed on {target} is an issuer, audience and keys_url")


def test_azure_has_no_time_zones() -> None:
    settings = {"api": {"token": TOKEN}, "schedule": {"timezone": "Europe/Berlin"}, **BLOCKS}
    assert _refused("azure", **settings) == [
        "orderly:schedule.timezone: Europe/Berlin is not allowed; "
        "allowed on azure is UTC (Flex Consumption has no time zone setting); convert schedule.cron to UTC"
    ]


def test_a_stages_wish_for_recovery_is_no_demand() -> None:
    config = OrderSystemConfig.model_validate({"stage": "prod", "target": "local"})
    assert config.profile.point_in_time_recovery
    assert list(refusals(config)) == []
