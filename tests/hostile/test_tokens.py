"""What is no token of ours opens nothing over HTTP either, with the real issuer's keys on the disk.

tests/unit/functions/api/test_tokens.py has more forgeries against the verifier alone; here they come through the wire,
on a route of each scope.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm

from local_runtime.issuer import PRIVATE_KEY, PUBLIC_KEYS
from tests.hostile.wire import Answer, exchange, is_well, request
from tests.local_system import LOGIN, Running

ORDER_ID = "ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"
ROUTES = (
    ("GET", "/orders"),
    ("GET", f"/orders/{ORDER_ID}"),
    ("POST", "/orders"),
    ("POST", f"/orders/{ORDER_ID}/cancellation"),
)
HOUR = 3600


@dataclass(frozen=True)
class Keys:
    """The issuer's, which its tokens are signed with, and a forger's of the same kind."""

    private: ec.EllipticCurvePrivateKey
    key_id: str
    forged: ec.EllipticCurvePrivateKey

    def token(self, *, key: object = None, header: Mapping[str, object] | None = None, **changed: object) -> str:
        """Signed by the issuer; a claim that is None is left out."""
        claims = {name: value for name, value in {**claims_now(), **changed}.items() if value is not None}
        signing: Any = key or self.private
        return jwt.encode(claims, signing, "ES256", {"kid": self.key_id, **(header or {})})

    def signed(self, header: object, claims: object) -> str:
        """Of any header and claims, as text or JSON: the signature is right."""
        signed = f"{segment(header)}.{segment(claims)}"
        return f"{signed}.{encoded(ECAlgorithm(ECAlgorithm.SHA256).sign(signed.encode(), self.private))}"


def claims_now() -> dict[str, object]:
    now = int(time.time())
    scope = "orders:read orders:write"
    return {
        "iss": LOGIN["issuer"],
        "aud": LOGIN["audience"],
        "sub": "ann",
        "tenant": "acme",
        "scope": scope,
        "iat": now,
        "exp": now + HOUR,
    }


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def segment(value: object) -> str:
    return encoded((value if isinstance(value, str) else json.dumps(value)).encode())


@pytest.fixture(scope="module")
def keys(system: Running) -> Keys:
    private = load_pem_private_key((system.home.issuer / PRIVATE_KEY).read_bytes(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    (published,) = json.loads((system.home.issuer / PUBLIC_KEYS).read_bytes())["keys"]
    return Keys(private=private, key_id=published["kid"], forged=ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture(autouse=True)
def _the_next_request_works(system: Running, keys: Keys) -> Iterator[None]:
    yield
    assert is_well(system)
    assert asked(system, "GET", "/orders", f"Bearer {keys.token()}").status == 200


def asked(system: Running, method: str, path: str, *authorization: str) -> Answer:
    headers = ["Connection: close", *(f"Authorization: {value}" for value in authorization)]
    return exchange(system, request(method, path, "Content-Type: application/json", *headers)).answer


def assert_refused(system: Running, *authorization: str) -> None:
    for method, path in ROUTES:
        answer = asked(system, method, path, *authorization)
        assert (answer.status, answer.problem) == (401, "unauthorized"), (method, path)
        assert answer.headers["www-authenticate"].startswith('Bearer realm="orderly", error="invalid_token"')


def shared_secret(keys: Keys, algorithm: str, secret: bytes) -> str:
    digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
    signed = f"{segment({'alg': algorithm, 'kid': keys.key_id})}.{segment(claims_now())}"
    return f"{signed}.{encoded(hmac.new(secret, signed.encode(), digest).digest())}"


def pem(keys: Keys) -> bytes:
    return keys.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def jwk(keys: Keys) -> dict[str, Any]:
    found: dict[str, Any] = ECAlgorithm.to_jwk(keys.forged.public_key(), as_dict=True)
    return {**found, "kid": keys.key_id, "alg": "ES256"}


def doubled(claim: str, value: object) -> str:
    """The claims with one of them twice, the wrong one first."""
    return f'{{"{claim}": {json.dumps(value)}, {json.dumps(claims_now())[1:]}'


def cut(token: str) -> str:
    return token.rpartition(".")[0] + "."


NOW = time.time
FORGERIES: Mapping[str, Callable[[Keys], str]] = {
    "another key under the same id": lambda keys: keys.token(key=keys.forged),
    "another key and its jwk": lambda keys: keys.token(key=keys.forged, header={"jwk": jwk(keys)}),
    "another key and its jku": lambda keys: keys.token(key=keys.forged, header={"jku": "http://127.0.0.1:9/jwks"}),
    "another key and its x5u": lambda keys: keys.token(key=keys.forged, header={"x5u": "file:///etc/hosts"}),
    "another key and its x5c": lambda keys: keys.token(key=keys.forged, header={"x5c": ["AAAA"]}),
    "a key id that is not known": lambda keys: keys.token(header={"kid": "elsewhere"}),
    "a key id that is a path": lambda keys: keys.token(key=keys.forged, header={"kid": "../../../dev/null"}),
    "a key id that is a list": lambda keys: keys.signed({"alg": "ES256", "kid": [keys.key_id]}, claims_now()),
    "no key id": lambda keys: keys.signed({"alg": "ES256"}, claims_now()),
    "an extension that must be known": lambda keys: keys.token(header={"crit": ["exp"], "exp": 1}),
    "a payload that is not encoded": lambda keys: keys.token(header={"b64": False, "crit": ["b64"]}),
    "alg none": lambda keys: f"{segment({'alg': 'none', 'kid': keys.key_id})}.{segment(claims_now())}.",
    "alg nOnE": lambda keys: f"{segment({'alg': 'nOnE', 'kid': keys.key_id})}.{segment(claims_now())}.AAAA",
    "alg none without its last dot": lambda keys: f"{segment({'alg': 'none'})}.{segment(claims_now())}",
    "alg is a list": lambda keys: keys.signed({"alg": ["ES256"], "kid": keys.key_id}, claims_now()),
    "alg twice": lambda keys: keys.signed(f'{{"alg": "ES256", "alg": "none", "kid": "{keys.key_id}"}}', claims_now()),
    "alg ES384": lambda keys: keys.signed({"alg": "ES384", "kid": keys.key_id}, claims_now()),
    "alg RS256 with an elliptic key": lambda keys: keys.signed({"alg": "RS256", "kid": keys.key_id}, claims_now()),
    "HS256 with the public key": lambda keys: shared_secret(keys, "HS256", pem(keys)),
    "HS384 with the public key": lambda keys: shared_secret(keys, "HS384", pem(keys)),
    "HS512 with the key id": lambda keys: shared_secret(keys, "HS512", keys.key_id.encode()),
    "HS256 with nothing": lambda keys: shared_secret(keys, "HS256", b""),
    "no signature": lambda keys: cut(keys.token()),
    "a signature of zeros": lambda keys: cut(keys.token()) + "A" * 86,
    "a signature cut short": lambda keys: keys.token()[:-4],
    "the signature of other claims": lambda keys: cut(keys.token(tenant="globex")) + keys.token().rpartition(".")[2],
    "expired": lambda keys: keys.token(exp=int(NOW()) - HOUR),
    "expired long ago": lambda keys: keys.token(exp=-1),
    "expires at infinity": lambda keys: keys.token(exp=float("inf")),
    "expires never": lambda keys: keys.token(exp=None),
    "expires at a text": lambda keys: keys.token(exp=str(int(NOW()) + HOUR)),
    "expires at a huge number": lambda keys: keys.signed(
        {"alg": "ES256", "kid": keys.key_id}, json.dumps({**claims_now(), "exp": "@"}).replace('"@"', "9" * 5000)
    ),
    "not valid yet": lambda keys: keys.token(nbf=int(NOW()) + HOUR),
    "issued in the future": lambda keys: keys.token(iat=int(NOW()) + HOUR),
    "issued never": lambda keys: keys.token(iat=None),
    "for another audience": lambda keys: keys.token(aud="elsewhere"),
    "for a longer audience": lambda keys: keys.token(aud=f"{LOGIN['audience']}.evil"),
    "for no audience": lambda keys: keys.token(aud=None),
    "for an empty list": lambda keys: keys.token(aud=[]),
    "for an object": lambda keys: keys.token(aud={LOGIN["audience"]: True}),
    "from another issuer": lambda keys: keys.token(iss="http://elsewhere"),
    "from an issuer with a slash": lambda keys: keys.token(iss=f"{LOGIN['issuer']}/"),
    "from an issuer in capitals": lambda keys: keys.token(iss=LOGIN["issuer"].upper()),
    "from nobody": lambda keys: keys.token(iss=None),
    "a tenant that is a number": lambda keys: keys.token(tenant=7),
    "a tenant that is true": lambda keys: keys.token(tenant=True),
    "a tenant that is a list": lambda keys: keys.token(tenant=["acme"]),
    "a tenant that is an object": lambda keys: keys.token(tenant={"acme": 1}),
    "an empty tenant": lambda keys: keys.token(tenant=""),
    "no tenant": lambda keys: keys.token(tenant=None),
    "a huge tenant": lambda keys: keys.token(tenant="a" * 4000),
    "a tenant with a slash": lambda keys: keys.token(tenant="acme/globex"),
    "a tenant above": lambda keys: keys.token(tenant=".."),
    "a tenant with NUL": lambda keys: keys.token(tenant="acme\x00globex"),
    "a tenant with a line": lambda keys: keys.token(tenant="acme\n"),
    "a tenant with a space": lambda keys: keys.token(tenant=" acme"),
    "a tenant that looks like acme": lambda keys: keys.token(tenant="асme"),  # noqa: RUF001 -- that is the point
    "a tenant with half a character": lambda keys: keys.token(tenant="acme\ud800"),
    "a tenant of any": lambda keys: keys.token(tenant="%"),
    "a subject that is a number": lambda keys: keys.token(sub=7),
    "claims that are a list": lambda keys: keys.signed({"alg": "ES256", "kid": keys.key_id}, [claims_now()]),
    "claims that are null": lambda keys: keys.signed({"alg": "ES256", "kid": keys.key_id}, "null"),
    "claims that are nested": lambda keys: keys.signed({"alg": "ES256", "kid": keys.key_id}, "[" * 4000),
    "claims that are no JSON": lambda keys: keys.signed({"alg": "ES256", "kid": keys.key_id}, "acme"),
    "a header that is a list": lambda keys: keys.signed(["ES256"], claims_now()),
    "a tenant named twice": lambda keys: keys.signed({"alg": "ES256", "kid": keys.key_id}, doubled("tenant", "globex")),
    "an expiry named twice": lambda keys: keys.signed({"alg": "ES256", "kid": keys.key_id}, doubled("exp", 1)),
    "a token of 8 KB": lambda keys: keys.token(more="x" * 8000),
    "a token of 20 KB": lambda keys: keys.token(more="x" * 20_000),
    "a token in a token": lambda keys: jwt.encode({"token": keys.token()}, keys.forged, "ES256", {"kid": keys.key_id}),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_opens_no_route(system: Running, keys: Keys, forgery: str) -> None:
    assert_refused(system, f"Bearer {FORGERIES[forgery](keys)}")


@pytest.mark.parametrize(
    "written",
    ["{}", "Basic {}", "Token {}", "BEARER {}", "Bearer: {}", "Bearer {} x", "Bearer\t{}", "Bearer {},", 'Bearer "{}"'],
)
def test_a_good_token_that_is_written_otherwise_opens_no_route(system: Running, keys: Keys, written: str) -> None:
    assert_refused(system, written.format(keys.token()))


def test_two_authorizations_are_none(system: Running, keys: Keys) -> None:
    good, bad = f"Bearer {keys.token()}", f"Bearer {keys.token(tenant='globex', key=keys.forged)}"
    for both in ((good, bad), (bad, good), (good, good)):
        assert_refused(system, *both)


def test_the_scheme_may_be_in_small_letters(system: Running, keys: Keys) -> None:
    """RFC 9110 makes no difference between them."""
    assert asked(system, "GET", "/orders", f"bearer {keys.token()}").status == 200


@pytest.mark.parametrize("elsewhere", ["/orders?access_token={}", "/orders?token={}"])
def test_a_token_in_the_address_is_not_looked_at(system: Running, keys: Keys, elsewhere: str) -> None:
    assert asked(system, "GET", elsewhere.format(keys.token())).status == 401


@pytest.mark.parametrize(
    ("scope", "reads", "writes"),
    [
        (None, 403, 403),
        ("", 403, 403),
        ("orders:read", 404, 403),
        ("orders:write", 403, 404),
        ("orders:read orders:write", 404, 404),
        (["orders:read", "orders:write"], 404, 404),
        (["orders:read orders:write"], 403, 403),
        (["orders:read", ["orders:write"]], 404, 403),
        ("orders:read,orders:write", 403, 403),
        ("ORDERS:READ", 403, 403),
        ("orders:reads", 403, 403),
        ("orders:*", 403, 403),
        ("*", 403, 403),
        ("xorders:read", 403, 403),
        ({"orders:read": True}, 403, 403),
        (True, 403, 403),
        (7, 403, 403),
    ],
)
def test_a_token_allows_the_scopes_that_it_names(
    system: Running, keys: Keys, scope: object, reads: int, writes: int
) -> None:
    token = f"Bearer {keys.token(scope=scope)}"
    read = asked(system, "GET", f"/orders/{ORDER_ID}", token)
    written = asked(system, "POST", f"/orders/{ORDER_ID}/cancellation", token)
    assert (read.status, written.status) == (reads, writes)
    for answer, wanted in ((read, "orders:read"), (written, "orders:write")):
        if answer.status == 403:
            assert answer.problem == "insufficient-scope"
            assert f'error="insufficient_scope", scope="{wanted}"' in answer.headers["www-authenticate"]
