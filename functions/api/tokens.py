"""Who calls, and what the token lets them do.

Where a gateway that cannot be walked round has verified the token, its claims are believed and no library is loaded.
Elsewhere TokenVerifier does it: issuer, audience, time, and a signature by a key the issuer publishes, in an algorithm
that is fixed here and never taken from the token.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, Protocol

from functions.api.body import parse
from functions.api.keys import KeySet, KeyUnknownError
from functions.api.messages import Request
from functions.api.problems import INSUFFICIENT_SCOPE, UNAUTHORIZED, ProblemError

ALGORITHMS = ("ES256", "RS256")
LEEWAY_SECONDS = 30
MAX_TOKEN_CHARACTERS = 8192
"""AWS API Gateway takes 10 KB of headers in all, the narrowest of the gateways."""

REQUIRED_CLAIMS = ("iss", "aud", "sub", "exp", "iat", "tenant")
TENANT = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_REALM = 'Bearer realm="orderly"'


class Verifier(Protocol):
    def verify(self, token: str) -> Mapping[str, object]:
        """The token's claims; raises a 401."""
        ...


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whose orders are touched, and the scopes granted."""

    tenant: str
    subject: str
    scopes: frozenset[str]

    def require(self, scope: str) -> None:
        """Raises a 403 that names the missing scope."""
        if scope not in self.scopes:
            raise ProblemError(
                INSUFFICIENT_SCOPE,
                f"this needs the scope {scope}; ask the token's issuer for it",
                headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'},
            )


def caller_of(request: Request, verifier: Verifier | None) -> Caller:
    """Raises a 401 unless the gateway or the verifier vouches for the caller."""
    if request.claims is not None:
        return _caller(request.claims)
    if verifier is None:
        # A function that relies on its gateway and was reached without it believes nobody.
        refuse("no gateway has verified the token")
    return _caller(verifier.verify(bearer_token(request)))


def bearer_token(request: Request) -> str:
    header = request.headers.get("authorization")
    if header is None:
        raise ProblemError(
            UNAUTHORIZED,
            "send a token: Authorization: Bearer <token>",
            headers={"WWW-Authenticate": _REALM},
        )
    found = re.fullmatch(r"[Bb]earer +([A-Za-z0-9_.=-]+)", header) if len(header) <= MAX_TOKEN_CHARACTERS else None
    if not found:
        refuse(f"the Authorization header is not a bearer token of at most {MAX_TOKEN_CHARACTERS} characters")
    return found[1]


def refuse(why: str) -> NoReturn:
    """A 401; `why` is our own words, for nothing of a bad token goes into a header."""
    raise ProblemError(
        UNAUTHORIZED,
        f"{why}; get a new token from the issuer",
        headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token", error_description="{why}"'},
    )


class TokenVerifier:
    """Verifies tokens of one issuer for one audience; loads PyJWT at the first token."""

    def __init__(self, *, issuer: str, audience: str, keys: KeySet) -> None:
        self._issuer = issuer
        self._audience = audience
        self._keys = keys

    def verify(self, token: str) -> Mapping[str, object]:
        import jwt

        try:
            key = self._keys.find(_key_id(token))
            claims: dict[str, object] = jwt.decode(
                token,
                key,
                algorithms=list(ALGORITHMS),
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_SECONDS,
                options={"require": list(REQUIRED_CLAIMS)},
            )
        except KeyUnknownError:
            refuse("the token is signed by a key that is not the issuer's")
        except jwt.PyJWTError as error:
            refuse(_REASONS.get(type(error).__name__, "the token is malformed"))
        _require_one_meaning(token)
        return claims


_REASONS = {
    "ExpiredSignatureError": "the token has expired",
    "ImmatureSignatureError": "the token is not valid yet",
    "InvalidAlgorithmError": "the token's algorithm is not allowed",
    "InvalidAudienceError": "the token is for another audience",
    "InvalidIssuedAtError": "the token's iat is not a moment",
    "InvalidIssuerError": "the token is from another issuer",
    "InvalidSignatureError": "the token's signature is wrong",
    "MissingRequiredClaimError": f"the token lacks one of the claims {', '.join(REQUIRED_CLAIMS)}",
}


def _key_id(token: str) -> str:
    import jwt

    header = jwt.get_unverified_header(token)
    if header.get("alg") not in ALGORITHMS:
        refuse("the token's algorithm is not allowed")
    key_id = header.get("kid")
    if not isinstance(key_id, str):
        refuse("the token does not name its key by a kid")
    return key_id


def _require_one_meaning(token: str) -> None:
    """PyJWT takes the last of two claims of one name and a text for a moment; whoever stands in front may not."""
    from jwt.utils import base64url_decode

    try:
        claims = parse(base64url_decode(token.split(".")[1]))
    except ProblemError:
        refuse("the token is malformed")
    if not isinstance(claims, dict) or any(isinstance(claims.get(moment), str) for moment in ("exp", "nbf", "iat")):
        refuse("the token is malformed")


def _caller(claims: Mapping[str, object]) -> Caller:
    tenant = claims.get("tenant")
    if not isinstance(tenant, str) or not re.fullmatch(TENANT, tenant):
        refuse("the token's tenant claim is missing or malformed")
    return Caller(tenant=tenant, subject=str(claims.get("sub", "")), scopes=_scopes(claims.get("scope")))


def _scopes(claim: object) -> frozenset[str]:
    """RFC 9068 has one string with spaces; some issuers write a list."""
    if isinstance(claim, list):
        return frozenset(scope for scope in claim if isinstance(scope, str))
    return frozenset(claim.split()) if isinstance(claim, str) else frozenset()
