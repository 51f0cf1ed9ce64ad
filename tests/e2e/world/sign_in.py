"""The issuer that the system was told to trust: somebody else's, who signs its users in as they like."""

from __future__ import annotations

import json
import ssl
import time
from contextlib import AbstractContextManager

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.e2e.world.http import Listener, Reply
from tests.unit.functions.api import issuer as keys

HOST, AUDIENCE = "login.shop.example", "orders"
ISSUER, KEYS_URL = f"https://{HOST}/", f"https://{HOST}/jwks.json"
DISCOVERY_URL = f"{ISSUER}.well-known/openid-configuration"
SCOPES = "orders:read orders:write"
USUAL = "RS256"
"""What most issuers sign by."""
EXPONENT, BITS = 65537, 2048
SECONDS = 3600
"""As long as a token is good."""


class Issuer:
    """One with a key of its own for each algorithm that it signs by."""

    def __init__(self) -> None:
        signers = (
            keys.Issuer(rsa.generate_private_key(EXPONENT, BITS), "key-of-rsa"),
            keys.Issuer(keys.ec_key(), "key-of-a-curve"),
        )
        self._signers = {signer.algorithm: signer for signer in signers}

    def token(self, tenant: str, *, scopes: str = SCOPES, algorithm: str = USUAL) -> str:
        until = int(time.time()) + SECONDS
        return self._signers[algorithm].token(iss=ISSUER, aud=AUDIENCE, tenant=tenant, scope=scopes, exp=until)

    def served(self, tls: ssl.SSLContext) -> AbstractContextManager[Listener]:
        return Listener(lambda asked: Reply(status=200, body=self.document(f"https://{HOST}{asked.path}")), tls)

    def document(self, url: str) -> bytes:
        """What is at the address: the keys, or the document that tells where they are."""
        if url == DISCOVERY_URL:
            return json.dumps({"issuer": ISSUER, "jwks_uri": KEYS_URL}).encode()
        if url != KEYS_URL:
            raise LookupError(f"{url} is nothing that the issuer has")
        published = [keys.public_jwk(signer.key, signer.key_id) for signer in self._signers.values()]
        return json.dumps({"keys": published}).encode()
