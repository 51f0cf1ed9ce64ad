"""Google's OIDC tokens: which account calls, and for whom the token was issued.

Google signs them with keys that are published; here one secret signs, which only this process has.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field

import jwt

from tests.e2e.world.records import Records

ISSUER = "https://accounts.google.com"
LIFETIME_SECONDS = 3600
ALGORITHM = "HS256"


class UnknownAccountError(LookupError):
    """Google issues no token for an account that it does not have."""


@dataclass(frozen=True)
class Identities:
    records: Records
    _key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    def token(self, account: str, audience: str) -> str:
        if not any(each["email"] == account for each in self.records.of("serviceaccount.Account")):
            raise UnknownAccountError(f"there is no account {account}")
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": audience, "email": account, "iat": now, "exp": now + LIFETIME_SECONDS}
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def account(self, token: str, audience: str) -> str | None:
        """Whose token it is; None for one that is not Google's or not for this audience."""
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], audience=audience, issuer=ISSUER)
        except jwt.InvalidTokenError:
            return None
        return str(claims["email"])
