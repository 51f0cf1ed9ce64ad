"""Who calls the API: the gateway's word is taken from the gateway alone, and where anybody may call from nobody."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.dispatch import dispatch
from functions.api.keys import KeySet
from functions.api.messages import Request
from functions.api.problems import ProblemError
from functions.api.tokens import TokenVerifier
from functions.entrypoints.azure.http import CLAIMS as HEADER
from functions.entrypoints.azure.http import request_for
from functions.environment import Environment, Variable
from tests.unit.functions.api.issuer import AUDIENCE, ISSUER, Issuer
from tests.unit.functions.api.shop import CLAIMS, ORDER, Shop
from tests.unit.functions.entrypoints.azure.calls import ANOTHER, CALLER, ENVIRONMENT, posted

BODY = json.dumps(ORDER).encode()
OPEN = Environment({Variable.TOKEN_KEYS: f"{ISSUER}/keys"})
"""Of an app that anybody may call."""


def told(claims: object, *, padding: str = "") -> str:
    """As the gateway's policy writes it."""
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") + padding


def order(header: str | None, *, caller: str | None = CALLER, **headers: str) -> Request:
    named = headers if header is None else {**headers, HEADER.replace("-", "_"): header}
    return replace(posted(BODY, caller=caller, **named), path="/orders")


@pytest.mark.parametrize("subject", ["ann", "anne", "anne?", "anne??>"])
def test_the_gateways_claims_are_believed_with_and_without_padding(subject: str) -> None:
    claims = {**CLAIMS, "sub": subject}
    for padding in ("", "=" * (-len(told(claims)) % 4)):
        request = request_for(order(told(claims, padding=padding)), ENVIRONMENT)
        assert request.claims == claims
        assert dispatch(request, Shop().services()).status == 202


@pytest.mark.parametrize("caller", [None, "", f"{CALLER}, {ANOTHER}", "4f3c1d2e-0000-4000-8000-00000000000c"])
def test_who_goes_round_the_gateway_is_refused_whatever_claims_they_bring(caller: str | None) -> None:
    with pytest.raises(ProblemError) as refused:
        request_for(order(told(CLAIMS), caller=caller), ENVIRONMENT)
    assert refused.value.type.status == 403


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "no base64!",
        f"!!!!{told(CLAIMS)}",
        "ü",
        "=",
        "A",
        told("no json"),
        told("[]"),
        told("null"),
        told({}),
        told("[" * 50_000),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        f"{told({'tenant': 'evil'})}, {told(CLAIMS)}",
        f"{told({'tenant': 'evil'})},{told(CLAIMS)}",
    ],
)
def test_what_are_no_claims_is_nobody(header: str | None) -> None:
    request = request_for(order(header), ENVIRONMENT)
    assert request.claims is None
    assert dispatch(request, Shop().services()).status == 401


@pytest.mark.parametrize("changed", [{"tenant": None}, {"tenant": ""}, {"tenant": 7}, {"tenant": "a/b"}])
def test_claims_without_a_tenant_are_nobody(changed: Mapping[str, object]) -> None:
    request = request_for(order(told({**CLAIMS, **changed})), ENVIRONMENT)
    assert dispatch(request, Shop().services()).status == 401


def test_a_scope_that_the_token_lacks_is_checked_here_too() -> None:
    request = request_for(order(told({**CLAIMS, "scope": "orders:read"})), ENVIRONMENT)
    assert dispatch(request, Shop().services()).status == 403


def test_where_anybody_may_call_the_application_verifies_and_no_claims_are_read() -> None:
    issuer, shop = Issuer(), Shop()
    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=KeySet(lambda: issuer.document))
    services = replace(shop.services(), verify=verifier)
    forged = request_for(order(told(CLAIMS)), OPEN)
    assert dispatch(forged, services).status == 401
    genuine = order(told({"tenant": "evil"}), caller=None, authorization=f"Bearer {issuer.token()}")
    assert dispatch(request_for(genuine, OPEN), services).status == 202
    assert [tenant for tenant, _ in shop.orders] == ["acme"]


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda sent: base64.urlsafe_b64encode(sent).decode()))
def test_whatever_the_header_is_the_call_is_answered(header: str) -> None:
    assert dispatch(request_for(order(header), ENVIRONMENT), Shop().services()).status in (401, 403)
