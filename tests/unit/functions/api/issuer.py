"""A token issuer with keys of its own, and the ways in which tokens are forged."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
ISSUER = "https://issuer.example/"
AUDIENCE = "orders-api"


def ec_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: PrivateKey, key_id: str, **more: str) -> dict[str, Any]:
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        jwk = json.loads(RSAAlgorithm.to_jwk(public))
    else:
        jwk = json.loads(ECAlgorithm.to_jwk(public))
    jwk.pop("key_ops", None)
    return {**jwk, "kid": key_id, "use": "sig", **more}


@dataclass
class Issuer:
    """Signs with `key` under `key_id`; `document` is what it publishes."""

    key: PrivateKey = field(default_factory=ec_key)
    key_id: str = "key-1"

    @property
    def document(self) -> bytes:
        return json.dumps({"keys": [public_jwk(self.key, self.key_id)]}).encode()

    @property
    def algorithm(self) -> str:
        return "RS256" if isinstance(self.key, rsa.RSAPrivateKey) else "ES256"

    def token(self, *, without: str = "", headers: dict[str, Any] | None = None, **changed: object) -> str:
        claims = {**claims_now(), **changed}
        claims.pop(without, None)
        return jwt.encode(claims, self.key, self.algorithm, {"kid": self.key_id, **(headers or {})})


def claims_now() -> dict[str, object]:
    now = int(time.time())
    return {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ann",
        "tenant": "acme",
        "scope": "orders:read orders:write",
        "iat": now,
        "exp": now + 300,
    }


def segment(value: object) -> str:
    """One base64url part of a token; text is taken as it is."""
    text = value if isinstance(value, str) else json.dumps(value)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
