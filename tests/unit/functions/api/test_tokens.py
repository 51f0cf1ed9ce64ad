"""Only tokens of the issuer, for this audience, at this time, signed by a published key, are believed."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm

from functions.api.dispatch import ApiServices, dispatch
from functions.api.keys import KeySet
from functions.api.messages import Request, Response
from functions.api.tokens import LEEWAY_SECONDS, MAX_TOKEN_CHARACTERS, TokenVerifier
from tests.unit.functions.api.issuer import (
    AUDIENCE,
    ISSUER,
    Issuer,
    claims_now,
    ec_key,
    public_jwk,
    segment,
)
from tests.unit.functions.api.shop import Shop, content

ISSUER_OF_ALL = Issuer()


@pytest.fixture
def issuer() -> Issuer:
    return ISSUER_OF_ALL


def services(document: bytes) -> ApiServices:
    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=KeySet(lambda: document))
    return replace(Shop().services(), verify=verifier)


def ask(authorization: str, document: bytes) -> Response:
    request = Request(method="GET", path="/orders", headers={"authorization": authorization})
    return dispatch(request, services(document))


def assert_refused(token: str, document: bytes, why: str) -> None:
    response = ask(f"Bearer {token}", document)
    assert response.status == 401
    assert why in content(response)["detail"]
    assert why in response.headers["WWW-Authenticate"]
    assert response.headers["WWW-Authenticate"].isprintable()


def test_a_token_of_the_issuer_is_believed(issuer: Issuer) -> None:
    assert ask(f"Bearer {issuer.token()}", issuer.document).status == 200


def test_an_rsa_key_of_the_issuer_is_as_good() -> None:
    issuer = Issuer(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert ask(f"Bearer {issuer.token()}", issuer.document).status == 200


def test_the_tenant_of_the_token_is_whose_orders_are_asked_for(issuer: Issuer) -> None:
    shop = Shop()
    verified = replace(shop.services(), verify=services(issuer.document).verify)
    request = Request(
        method="GET", path="/orders", headers={"authorization": f"Bearer {issuer.token(tenant='globex')}"}
    )
    dispatch(request, verified)
    assert shop.asked[0][0] == "globex"


def test_claims_of_a_gateway_need_no_second_look_at_the_token() -> None:
    request = Request(method="GET", path="/orders", headers={"authorization": "Bearer x.y.z"}, claims=claims_now())
    assert dispatch(request, services(b"unread")).status == 200


def test_without_a_gateway_and_a_verifier_nobody_is_believed(issuer: Issuer) -> None:
    request = Request(method="GET", path="/orders", headers={"authorization": f"Bearer {issuer.token()}"})
    assert dispatch(request, Shop().services()).status == 401


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exp": int(time.time()) - 3600}, "has expired"),
        ({"nbf": int(time.time()) + 3600}, "is not valid yet"),
        ({"iat": int(time.time()) + 3600}, "is not valid yet"),
        ({"aud": "another-api"}, "another audience"),
        ({"aud": ["a", "b"]}, "another audience"),
        ({"iss": "https://issuer.example.evil/"}, "another issuer"),
        ({"iss": "https://issuer.example"}, "another issuer"),
        ({"iat": "yesterday"}, "iat is not a moment"),
        ({"exp": "never"}, "malformed"),
        ({"exp": str(int(time.time()) + 3600)}, "malformed"),
        ({"nbf": str(int(time.time()) - 3600)}, "malformed"),
        ({"exp": float("inf")}, "malformed"),
        ({"sub": 7}, "malformed"),
        ({"tenant": ""}, "tenant claim"),
        ({"tenant": "acme/../globex"}, "tenant claim"),
        ({"tenant": ["acme"]}, "tenant claim"),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(issuer: Issuer, changed: dict[str, Any], why: str) -> None:
    assert_refused(issuer.token(**changed), issuer.document, why)


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "exp", "iat", "tenant"])
def test_a_missing_claim_is_refused(issuer: Issuer, claim: str) -> None:
    assert_refused(issuer.token(without=claim), issuer.document, "lacks one of the claims")


def test_clocks_may_differ_by_less_than_the_leeway(issuer: Issuer) -> None:
    now = int(time.time())
    half = LEEWAY_SECONDS // 2
    early, late = issuer.token(nbf=now + half, iat=now + half), issuer.token(exp=now - half)
    assert [ask(f"Bearer {token}", issuer.document).status for token in (early, late)] == [200, 200]


def test_a_token_without_a_signature_is_refused(issuer: Issuer) -> None:
    for algorithm in ("none", "None", "NONE", ""):
        unsigned = f"{segment({'alg': algorithm, 'kid': 'key-1'})}.{segment(claims_now())}."
        assert_refused(unsigned, issuer.document, "algorithm is not allowed")


def test_the_public_key_is_no_shared_secret(issuer: Issuer) -> None:
    public = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    signed = f"{segment({'alg': 'HS256', 'kid': 'key-1'})}.{segment(claims_now())}"
    signature = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    forged = f"{signed}.{jwt.utils.base64url_encode(signature).decode()}"
    assert_refused(forged, issuer.document, "algorithm is not allowed")


def test_a_secret_in_the_issuers_document_verifies_nothing() -> None:
    secret = "s" * 64
    document = json.dumps({"keys": [{"kty": "oct", "k": segment(secret), "kid": "key-1", "alg": "HS256"}]}).encode()
    forged = jwt.encode(claims_now(), secret, "HS256", {"kid": "key-1"})
    assert_refused(forged, document, "algorithm is not allowed")


def test_an_allowed_algorithm_with_a_key_of_another_kind_is_refused(issuer: Issuer) -> None:
    other = Issuer(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert_refused(other.token(), issuer.document, "algorithm is not allowed")


def test_a_key_that_the_issuer_does_not_publish_is_refused(issuer: Issuer) -> None:
    assert_refused(Issuer(key_id="key-1").token(), issuer.document, "signature is wrong")
    assert_refused(Issuer(key_id="key-2").token(), issuer.document, "not the issuer's")


def test_a_key_brought_along_in_the_header_counts_for_nothing(issuer: Issuer) -> None:
    forger = Issuer(key_id="forged")
    brought = {
        "jwk": public_jwk(forger.key, "forged"),
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example",
    }
    assert_refused(forger.token(headers=brought), issuer.document, "not the issuer's")


@pytest.mark.parametrize(
    "key_id", ["../../etc/passwd", "/dev/zero", "file:///etc/passwd", "' OR 1=1 --", "key-1\x00", ""]
)
def test_a_key_id_is_looked_up_and_nothing_else(issuer: Issuer, key_id: str) -> None:
    assert_refused(issuer.token(headers={"kid": key_id}), issuer.document, "not the issuer's")


@pytest.mark.parametrize("key_id", [7, None, ["key-1"], {"kid": "key-1"}])
def test_a_key_id_that_is_no_text_is_refused(issuer: Issuer, key_id: object) -> None:
    _, claims, signature = issuer.token().split(".")
    header = segment({"alg": "ES256", "kid": key_id})
    assert ask(f"Bearer {header}.{claims}.{signature}", issuer.document).status == 401


def test_a_changed_claim_breaks_the_signature(issuer: Issuer) -> None:
    header, _, signature = issuer.token().split(".")
    assert_refused(
        f"{header}.{segment({**claims_now(), 'tenant': 'globex'})}.{signature}", issuer.document, "signature is wrong"
    )


@pytest.mark.parametrize("claim", ["tenant", "exp", "scope", "more"])
def test_a_claim_that_is_named_twice_is_refused(issuer: Issuer, claim: str) -> None:
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    claims = json.dumps({"more": 1, **claims_now()})
    doubled = f'{{"{claim}": "globex", {claims[1:]}'
    for written, refused in ((claims, False), (doubled, True)):
        signed = f"{segment({'alg': 'ES256', 'kid': 'key-1'})}.{segment(written)}"
        signature = ECAlgorithm(ECAlgorithm.SHA256).sign(signed.encode(), issuer.key)
        token = f"{signed}.{jwt.utils.base64url_encode(signature).decode()}"
        assert (ask(f"Bearer {token}", issuer.document).status == 401) is refused


def test_a_signature_of_zeros_is_wrong(issuer: Issuer) -> None:
    header, claims, _ = issuer.token().split(".")
    assert_refused(f"{header}.{claims}.{'A' * 86}", issuer.document, "signature is wrong")


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "..",
        "a.b",
        "a.b.c.d",
        "e30.e30.e30",
        f"{segment('[' * 5000)}.e30.e30",
        f"{segment('{' + chr(34) + 'a' + chr(34) + ':' + '9' * 5000 + '}')}.e30.e30",
        f"{segment([1])}.e30.e30",
        f"{segment('null')}.e30.e30",
    ],
)
def test_what_is_no_token_is_refused(issuer: Issuer, token: str) -> None:
    assert ask(f"Bearer {token}", issuer.document).status == 401


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer\ta.b.c", "Bearer <x>"]
)
def test_another_authorization_is_refused(issuer: Issuer, authorization: str) -> None:
    response = ask(authorization, issuer.document)
    assert response.status == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_an_oversize_token_is_refused_unread(issuer: Issuer) -> None:
    token = issuer.token(padding="x" * MAX_TOKEN_CHARACTERS)
    assert_refused(token, issuer.document, f"at most {MAX_TOKEN_CHARACTERS} characters")


def test_a_request_without_a_token_is_told_only_how_to_send_one(issuer: Issuer) -> None:
    response = dispatch(Request(method="GET", path="/orders"), services(issuer.document))
    assert (response.status, response.headers["WWW-Authenticate"]) == (401, 'Bearer realm="orderly"')


def test_a_list_of_scopes_is_read_too(issuer: Issuer) -> None:
    assert ask(f"Bearer {issuer.token(scope=['orders:read', 7])}", issuer.document).status == 200
    assert ask(f"Bearer {issuer.token(scope=['orders:write'])}", issuer.document).status == 403


def test_when_the_keys_cannot_be_read_the_caller_is_asked_to_come_back(issuer: Issuer) -> None:
    response = ask(f"Bearer {issuer.token()}", b"not a key document")
    assert (response.status, response.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize(
    "more",
    [
        {"use": "enc"},
        {"alg": "ES384"},
        {"alg": "HS256"},
        {"crv": "P-384"},
        {"kty": "oct"},
        {"x": "AAAA"},
    ],
)
def test_a_published_key_that_is_not_for_our_signatures_is_passed_over(issuer: Issuer, more: dict[str, str]) -> None:
    document = json.dumps({"keys": [public_jwk(issuer.key, "key-1", **more)]}).encode()
    assert_refused(issuer.token(), document, "not the issuer's")


def test_a_private_key_that_was_published_by_mistake_is_nobodys_proof(issuer: Issuer) -> None:
    assert isinstance(issuer.key, ec.EllipticCurvePrivateKey)
    leaked = {**ECAlgorithm.to_jwk(issuer.key, as_dict=True), "kid": "key-1"}
    leaked.pop("key_ops", None)
    assert_refused(issuer.token(), json.dumps({"keys": [leaked]}).encode(), "not the issuer's")


def test_a_published_key_of_another_curve_does_not_verify() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    document = json.dumps({"keys": [public_jwk(key, "key-1")]}).encode()
    assert_refused(Issuer(key=ec_key()).token(), document, "not the issuer's")


def test_a_weak_rsa_key_is_passed_over() -> None:
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)  # noqa: S505 -- that is the point
    document = json.dumps({"keys": [public_jwk(weak, "key-1")]}).encode()
    strong = Issuer(key=rsa.generate_private_key(public_exponent=65537, key_size=2048))
    assert_refused(strong.token(), document, "not the issuer's")
