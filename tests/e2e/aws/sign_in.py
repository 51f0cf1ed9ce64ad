"""A user of the own pool signs in as an application has it: a code by redirect, with PKCE, for an access token."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlsplit

import urllib3

from tests.e2e.aws.system import ORIGIN, AwsSystem

PASSWORD = "Of-the-tests-alone-1"  # noqa: S105
CALLBACK = f"{ORIGIN}/callback"
SCOPES = ("openid", "orderly/orders:read", "orderly/orders:write")


def token_for(system: AwsSystem, tenant: str, *, scopes: tuple[str, ...] = SCOPES) -> str:
    """An administrator says whose the user is; what the token says of it is the pre-token trigger's work."""
    user = f"{secrets.token_hex(4)}@{tenant}.example"
    pool = system.outputs["token_issuer"].rpartition("/")[2]
    attributes = [{"Name": "email", "Value": user}, {"Name": "custom:tenant", "Value": tenant}]
    cognito = system.clients("cognito-idp")
    cognito.admin_create_user(UserPoolId=pool, Username=user, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=PASSWORD, Permanent=True)
    return _signed_in(system, user, " ".join(scopes))


def _signed_in(system: AwsSystem, user: str, scope: str) -> str:
    client, verifier = system.outputs["token_audience"], secrets.token_urlsafe(48)
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": CALLBACK,
        "scope": scope,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    login = _post(system, "/login", {**asked, "username": user, "password": PASSWORD})
    code = parse_qs(urlsplit(login.headers["Location"]).query)["code"][0]
    proof = {"client_id": client, "redirect_uri": CALLBACK, "code": code, "code_verifier": verifier}
    return str(_post(system, "/oauth2/token", {"grant_type": "authorization_code", **proof}).json()["access_token"])


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _post(system: AwsSystem, path: str, fields: dict[str, str]) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager(timeout=60, retries=False) as http:
        address = f"http://{system.cloud.address}{path}"
        answer = http.request("POST", address, fields=fields, encode_multipart=False, redirect=False)
    assert answer.status < 400, answer.data
    return answer
