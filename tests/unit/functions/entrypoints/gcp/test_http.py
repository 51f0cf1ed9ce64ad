"""Who calls the API: the gateway's word is taken where only the gateway can have called, and nowhere else."""

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
from functions.api.tokens import TokenVerifier
from functions.entrypoints.gcp.http import USER_INFO, request_for
from tests.unit.functions.api.issuer import AUDIENCE, ISSUER, Issuer
from tests.unit.functions.api.shop import CLAIMS, ORDER, Shop

BODY = json.dumps(ORDER).encode()


def told(claims: object, *, padding: str = "") -> str:
    """As API Gateway writes it."""
    text = claims if isinstance(claims, str) else json.dumps(claims)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") + padding


def order(**headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method="POST", path="/orders", headers={"content-type": "application/json", **named}, body=BODY)


def behind_gateway(header: str | None) -> Request:
    sent = order() if header is None else order(**{USER_INFO.replace("-", "_"): header})
    return request_for(sent, is_behind_gateway=True)


@pytest.mark.parametrize("subject", ["ann", "anne", "anne?", "anne??>"])
def test_the_gateways_claims_are_believed_with_and_without_padding(subject: str) -> None:
    claims = {**CLAIMS, "sub": subject}
    for padding in ("", "=" * (-len(told(claims)) % 4)):
        request = behind_gateway(told(claims, padding=padding))
        assert request.claims == claims
        assert dispatch(request, Shop().services()).status == 202


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
    assert dispatch(behind_gateway(header), Shop().services()).status == 401


@pytest.mark.parametrize("changed", [{"tenant": ""}, {"tenant": 7}, {"tenant": "a/b"}, {"tenant": None}])
def test_claims_without_a_tenant_are_nobody(changed: Mapping[str, object]) -> None:
    assert dispatch(behind_gateway(told({**CLAIMS, **changed})), Shop().services()).status == 401


def test_a_scope_that_the_token_lacks_is_checked_here_because_the_gateway_does_not() -> None:
    assert dispatch(behind_gateway(told({**CLAIMS, "scope": "orders:read"})), Shop().services()).status == 403


def test_a_forged_header_of_the_gateway_is_not_read_where_anybody_may_call() -> None:
    """There the application verifies the token, and without one nobody called."""
    issuer = Issuer()
    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=KeySet(lambda: issuer.document))
    services = replace(Shop().services(), verify=verifier)
    forged = order(x_apigateway_api_userinfo=told(CLAIMS), x_forwarded_authorization="Bearer x")
    assert dispatch(request_for(forged, is_behind_gateway=False), services).status == 401
    genuine = order(x_apigateway_api_userinfo=told({"tenant": "evil"}), authorization=f"Bearer {issuer.token()}")
    shop = Shop()
    services = replace(shop.services(), verify=verifier)
    assert dispatch(request_for(genuine, is_behind_gateway=False), services).status == 202
    assert [tenant for tenant, _ in shop.orders] == ["acme"]


def test_the_gateways_header_is_read_behind_it() -> None:
    assert request_for(order(x_apigateway_api_userinfo=told(CLAIMS)), is_behind_gateway=True).claims == CLAIMS


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda sent: base64.urlsafe_b64encode(sent).decode()))
def test_whatever_the_header_is_the_call_is_answered(header: str) -> None:
    assert dispatch(behind_gateway(header), Shop().services()).status in (401, 403)
