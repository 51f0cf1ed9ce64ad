"""A REST API's own authorizer lets through whom the issuer vouches for, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from functions.api.keys import KeySet, KeysUnavailableError
from functions.api.tokens import TokenVerifier
from functions.entrypoints.aws.authorizer import UnauthorizedError, decision
from tests.unit.functions.api.issuer import AUDIENCE, ISSUER, Issuer, claims_now

Send: TypeAlias = Callable[[object], dict[str, Any]]
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/live/POST/orders"
STAGE = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/live/*"


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def verifier(issuer: Issuer) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=KeySet(lambda: issuer.document))


def by_token(token: object, arn: str = ARN) -> dict[str, Any]:
    return {"type": "TOKEN", "methodArn": arn, "authorizationToken": token}


def by_request(token: object, arn: str = ARN) -> dict[str, Any]:
    return {"type": "REQUEST", "methodArn": arn, "headers": {"Authorization": token, "Accept": "*/*"}}


@pytest.mark.parametrize("sent", [by_token, by_request])
def test_a_good_token_opens_the_stage_and_says_who_calls(sent: Send, issuer: Issuer, verifier: TokenVerifier) -> None:
    assert decision(sent(f"Bearer {issuer.token()}"), verifier) == {
        "principalId": "ann",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": STAGE}],
        },
        "context": {"tenant": "acme", "scope": "orders:read orders:write", "sub": "ann"},
    }


@pytest.mark.parametrize(
    "arn", [ARN, ARN.replace("POST/orders", "GET/orders/ord_1\n/x"), ARN.replace("aws:", "aws-cn:", 1)]
)
def test_what_is_allowed_names_the_stage_of_this_api_alone(arn: str, issuer: Issuer, verifier: TokenVerifier) -> None:
    answered: Any = decision(by_token(f"Bearer {issuer.token()}", arn), verifier)
    (statement,) = answered["policyDocument"]["Statement"]
    assert statement["Resource"] == "/".join(arn.split("/")[:2]) + "/*"


@pytest.mark.parametrize(
    "arn", ["", "*", "arn:aws:execute-api:*:*:*/live/GET/", "arn:aws:lambda:eu-west-1:123456789012:x/live/GET/"]
)
def test_an_arn_that_is_no_method_of_one_api_opens_nothing(arn: str, issuer: Issuer, verifier: TokenVerifier) -> None:
    with pytest.raises(UnauthorizedError):
        decision(by_token(f"Bearer {issuer.token()}", arn), verifier)


@pytest.mark.parametrize("sent", [by_token, by_request])
@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer x", 7, "Basic YW5uOnB3", "Bearer " + "x" * 10_000])
def test_what_is_no_token_is_unauthorized(sent: Send, token: object, verifier: TokenVerifier) -> None:
    with pytest.raises(UnauthorizedError, match=r"^Unauthorized$"):
        decision(sent(token), verifier)


def test_a_call_without_headers_is_unauthorized(verifier: TokenVerifier) -> None:
    for event in ({"methodArn": ARN}, {"methodArn": ARN, "headers": None}):
        with pytest.raises(UnauthorizedError):
            decision(event, verifier)


def test_a_token_by_another_key_is_unauthorized(verifier: TokenVerifier) -> None:
    with pytest.raises(UnauthorizedError):
        decision(by_token(f"Bearer {Issuer().token()}"), verifier)


@pytest.mark.parametrize(
    "changed",
    [{"aud": "another"}, {"iss": "https://other.example/"}, {"exp": 1_000_000}, {"tenant": "a/b"}, {"tenant": None}],
)
def test_a_token_for_others_or_of_nobody_is_unauthorized(
    changed: dict[str, Any], issuer: Issuer, verifier: TokenVerifier
) -> None:
    with pytest.raises(UnauthorizedError):
        decision(by_token(f"Bearer {issuer.token(**changed)}"), verifier)


def test_a_token_without_a_tenant_is_unauthorized(issuer: Issuer, verifier: TokenVerifier) -> None:
    assert "tenant" in claims_now()
    with pytest.raises(UnauthorizedError):
        decision(by_token(f"Bearer {issuer.token(without='tenant')}"), verifier)


def test_when_the_keys_cannot_be_read_it_is_our_failure_and_not_the_callers(issuer: Issuer) -> None:
    def unreadable() -> bytes:
        raise OSError("no route")

    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=KeySet(unreadable))
    with pytest.raises(KeysUnavailableError):
        decision(by_token(f"Bearer {issuer.token()}"), verifier)
