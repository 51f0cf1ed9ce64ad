"""The issuer that the system was told to trust: somebody else's, who signs its users in as they like."""

from __future__ import annotations

import json
import ssl
from contextlib import AbstractContextManager
from pathlib import Path

from local_runtime.issuer import ensure, mint
from tests.e2e.world.http import Listener, Reply

HOST, AUDIENCE = "login.shop.example", "orders"
ISSUER, KEYS_URL = f"https://{HOST}/", f"https://{HOST}/jwks.json"
DISCOVERY_URL = f"{ISSUER}.well-known/openid-configuration"
SCOPES = "orders:read orders:write"


class Issuer:
    """One in the folder, with keys of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = ensure(folder, issuer=ISSUER, audience=AUDIENCE)

    def token(self, tenant: str, *, scopes: str = SCOPES, minutes: float = 60) -> str:
        return mint(self._folder, tenant=tenant, scope=scopes, minutes=minutes)

    def served(self, tls: ssl.SSLContext) -> AbstractContextManager[Listener]:
        return Listener(lambda asked: Reply(status=200, body=self.document(f"https://{HOST}{asked.path}")), tls)

    def document(self, url: str) -> bytes:
        """What is at the address: the keys, or the document that tells where they are."""
        if url == DISCOVERY_URL:
            return json.dumps({"issuer": ISSUER, "jwks_uri": KEYS_URL}).encode()
        if url != KEYS_URL:
            raise LookupError(f"{url} is nothing that the issuer has")
        return self._keys.read_bytes()
