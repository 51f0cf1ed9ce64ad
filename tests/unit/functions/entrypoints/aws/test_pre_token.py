"""An access token says whose orders it is for only where an administrator said so."""

from __future__ import annotations

from typing import Any

import pytest

from functions.entrypoints.aws.pre_token import pre_token
from tests.unit.functions.entrypoints.aws.invocation import Invocation


def event(trigger: str = "TokenGeneration_HostedAuth", **request: object) -> dict[str, Any]:
    """As Cognito sends it, of version 2 or 3."""
    return {
        "version": "2",
        "triggerSource": trigger,
        "userPoolId": "eu-west-1_Example",
        "request": {
            "userAttributes": {"sub": "ann", "custom:tenant": "acme"},
            "scopes": ["orderly/orders:read"],
            **request,
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }


def access_token(answered: dict[str, Any]) -> object:
    return answered["response"]["claimsAndScopeOverrideDetails"]["accessTokenGeneration"]


@pytest.mark.parametrize(
    "trigger",
    ["TokenGeneration_HostedAuth", "TokenGeneration_Authentication", "TokenGeneration_RefreshTokens"],
)
def test_a_users_access_token_carries_the_users_tenant(trigger: str) -> None:
    answered = pre_token(event(trigger), Invocation())
    assert access_token(answered) == {"claimsToAddOrOverride": {"tenant": "acme"}}


def test_the_event_goes_back_with_all_that_it_had() -> None:
    sent = event()
    assert {**pre_token(sent, Invocation()), "response": sent["response"]} == sent


@pytest.mark.parametrize("attributes", [{}, {"sub": "ann"}, {"custom:tenant": ""}, {"custom:tenant": "a b"}, None])
def test_a_user_without_a_tenant_gets_a_token_without_one(attributes: object) -> None:
    answered = pre_token(event(userAttributes=attributes), Invocation())
    assert access_token(answered) == {"claimsToSuppress": ["tenant"]}


def test_what_a_machine_says_of_itself_makes_it_nobodys() -> None:
    sent = event("TokenGeneration_ClientCredentials", clientMetadata={"tenant": "acme", "custom:tenant": "acme"})
    assert access_token(pre_token(sent, Invocation())) == {"claimsToSuppress": ["tenant"]}


def test_what_a_user_sends_along_is_not_the_users_tenant() -> None:
    sent = event(userAttributes={"sub": "ann"}, clientMetadata={"custom:tenant": "acme"})
    assert access_token(pre_token(sent, Invocation())) == {"claimsToSuppress": ["tenant"]}
