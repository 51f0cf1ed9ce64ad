"""Entra ID and managed identities: who gets which token, and whose a token is.

Microsoft signs tokens with keys that are published; here one secret signs, which only this process has. An app gets
tokens where App Service has it look for them, and only as an identity that is assigned to it by its record. A token
has the claims that the world looks at, as Entra's of version 2.0 have them. What it leaves out: their life, throttling.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import jwt
from jwt.types import Options

from tests.e2e.world.http import Asked, Reply
from tests.e2e.world.records import Record, Records

AN_HOUR = 3600
ALGORITHM = "HS256"
VERSION = "2019-08-01"
"""Of the endpoint in App Service (learn.microsoft.com/azure/app-service/overview-managed-identity)."""
JSON = (("Content-Type", "application/json"),)
ANY: Options = {"verify_aud": False}


class UnknownIdentityError(LookupError):
    """There is no identity of this client id, or it is not assigned to what asks as it."""


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Whom a token is of: `principal` is the object's id, `client` the application's; `audience` whom it is for."""

    principal: str
    client: str
    audience: str
    issuer: str


@dataclass(frozen=True)
class Identities:
    records: Records
    _key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    _headers: dict[str, Record] = field(default_factory=dict)

    def token(self, owner: Record, client_id: str, resource: str) -> str:
        """As the identity of that client id, which has to be assigned to `owner`."""
        identity = self._assigned(owner, client_id)
        now = int(time.time())
        claims = {
            "iss": f"https://login.microsoftonline.com/{identity['tenantId']}/v2.0",
            "aud": resource,
            "oid": identity["principalId"],
            "azp": identity["clientId"],
            "iat": now,
            "exp": now + AN_HOUR,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def caller(self, asked: Asked) -> Caller | None:
        """Whose token the request has; None without one, or with one that Entra has not issued."""
        kind, _, token = asked.header("Authorization").partition(" ")
        return self.whose(token) if kind.lower() == "bearer" else None

    def whose(self, token: str) -> Caller | None:
        try:
            claims = jwt.decode(token, self._key, algorithms=[ALGORITHM], options=ANY)
        except jwt.InvalidTokenError:
            return None
        return Caller(principal=claims["oid"], client=claims["azp"], audience=claims["aud"], issuer=claims["iss"])

    def variables(self, app: Record, endpoint: str) -> Mapping[str, str]:
        """What App Service sets in an app that has an identity."""
        header = secrets.token_hex(16)
        self._headers[header] = app
        return {"IDENTITY_ENDPOINT": f"{endpoint}/msi/token", "IDENTITY_HEADER": header}

    def answer(self, asked: Asked) -> Reply:
        """The endpoint itself, which every app reaches and none but with a header of its own."""
        parts = urlsplit(asked.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        app = self._headers.get(asked.header("X-Identity-Header"))
        if app is None or (asked.method, parts.path, query.get("api-version")) != ("GET", "/msi/token", VERSION):
            return _refused(401, "Unauthorized", "no app asks so")
        try:
            token = self.token(app, query["client_id"], query["resource"])
        except (KeyError, UnknownIdentityError) as error:
            return _refused(400, "ManagedIdentityNotFound", str(error))
        told = {
            "access_token": token,
            "client_id": query["client_id"],
            "expires_on": str(int(time.time()) + AN_HOUR),
            "resource": query["resource"],
            "token_type": "Bearer",
        }
        return Reply(status=200, headers=JSON, body=json.dumps(told).encode())

    def _assigned(self, owner: Record, client_id: str) -> Record:
        for identity in self.records.of("managedidentity.UserAssignedIdentity"):
            if identity["clientId"] == client_id and identity.id in assigned_to(owner):
                return identity
        raise UnknownIdentityError(f"no identity of the client id {client_id} is assigned to {owner.id}")


def assigned_to(owner: Record) -> frozenset[str]:
    """Identifiers of its user-assigned identities, which one service has as a list and another as a mapping."""
    return frozenset((owner.get("identity") or {}).get("userAssignedIdentities", ()))


def principal_of(records: Records, owner: Record, identity: str) -> str:
    """Of the identity of that identifier; UnknownIdentityError where it is not assigned, or is not there."""
    for found in records.of("managedidentity.UserAssignedIdentity"):
        if found.id == identity and identity in assigned_to(owner):
            return str(found["principalId"])
    raise UnknownIdentityError(f"{identity} is no identity of {owner.id}")


def _refused(status: int, code: str, message: str) -> Reply:
    return Reply(status=status, headers=JSON, body=json.dumps({"error": {"code": code, "message": message}}).encode())
