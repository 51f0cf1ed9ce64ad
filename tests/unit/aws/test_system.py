"""The whole order system on AWS, in each of the forms that it can be configured in, beside what AWS refuses."""

from __future__ import annotations

from functools import cache

import pytest

from components.aws._policy import UNSCOPED
from tests.aws import policies
from tests.aws.refusals import refusals
from tests.graph import Graph, build, config

EVENTS_TO_LOGS = {"logs:CreateLogStream": "EventBridge makes the stream before it names the rule that it writes for"}
FORMS = (
    "dev",
    "prod",
    "rest",
    "express",
    "provisioned",
    "own-issuer",
    "partners",
    "rest-own-issuer",
    "rest-all-asked-for",
    "snapstart-reserved",
)
OWN_ISSUER = {
    "token": {
        "issuer": "https://issuer.example",
        "audience": "orderly",
        "keys_url": "https://issuer.example/keys",
    }
}


@cache
def built(form: str) -> Graph:
    region = {"region": "eu-central-1"}
    settings: dict[str, dict[str, object]] = {
        "dev": {"aws": region},
        "prod": {"stage": "prod", "aws": region},
        "rest": {"aws": {**region, "api_kind": "rest"}},
        "express": {"aws": region, "workflow": {"durability": "express"}},
        "provisioned": {"aws": {**region, "cold_start": "provisioned"}, "functions": {"warm_instances": 2}},
        "own-issuer": {"aws": region, "api": OWN_ISSUER},
        "partners": {
            "aws": region,
            "payments": {"url": "https://pay.example", "api_key": "key"},
            "notification": {"webhook_url": "https://ops.example/hook", "webhook_secret": "word"},
        },
        "rest-own-issuer": {"aws": {**region, "api_kind": "rest"}, "api": OWN_ISSUER},
        "rest-all-asked-for": {
            "aws": {
                **region,
                "api_kind": "rest",
                "api_keys": True,
                "manage_api_logging_role": True,
                "permissions_boundary": "own",
                "database_capacity": {"minimum": 5, "maximum": 50},
                "alarm_email": "ops@shop.example",
            }
        },
        "snapstart-reserved": {
            "stage": "prod",
            "aws": {**region, "cold_start": "snapstart", "reserved_concurrency": {"api": 100, "fulfil": 20}},
        },
    }
    return build(config("aws", **settings[form]), stack="test")


@pytest.mark.parametrize("form", FORMS)
def test_aws_refuses_nothing(form: str) -> None:
    assert refusals(built(form)) == []


@pytest.mark.parametrize("form", FORMS)
def test_every_wildcard_is_one_that_aws_has_no_narrower_form_for(form: str) -> None:
    assert list(policies.unneeded_wildcards(built(form), unscoped=UNSCOPED)) == []


@pytest.mark.parametrize("form", FORMS)
def test_no_service_acts_for_another_account(form: str) -> None:
    assert list(policies.confused_deputies(built(form), unconditioned=EVENTS_TO_LOGS)) == []


@pytest.mark.parametrize("form", FORMS)
def test_every_policy_is_as_small_as_iam_allows(form: str) -> None:
    assert list(policies.too_large(built(form))) == []
