"""API Gateway: an API as its document describes it, which verifies tokens and calls the function in its own account.

It answers as Google's proxy does (github.com/GoogleCloudPlatform/esp-v2): 404 and 405 for what the document does not
have, 401 and 403 for tokens, 504 after the deadline, each as JSON; it adds whom a token is of, keeps the caller's own
in another header, and answers no preflight. What it leaves out: API keys, quotas, the five minutes for which it keeps
keys.

Whether a header by which it tells who calls is taken out of a request that needs no token is not documented. Here it
goes through, which is the worse case for the function.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jwt

from tests.e2e.gcp.world.cloud_run import CloudRun, Origin
from tests.e2e.world.http import Asked, Headers, Reply
from tests.e2e.world.records import Record, Records

USER_INFO, FORWARDED = "X-Apigateway-Api-Userinfo", "X-Forwarded-Authorization"
ALGORITHMS = ("RS256", "RS384", "RS512", "ES256")
PARAMETER = re.compile(r"\{[^/}]+\}")
MISSING = "Jwt is missing"
MALFORMED = "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections"
Document = Mapping[str, Any]


class RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    def reply(self) -> Reply:
        body = json.dumps({"message": str(self), "code": self.status}, separators=(",", ":"))
        return Reply(status=self.status, headers=(("Content-Type", "application/json"),), body=body.encode())


@dataclass(frozen=True)
class ApiGateway:
    """`fetch` gets the document at an address of the internet, which is where the issuer has its keys."""

    gateway: Record
    config: Record
    cloud_run: CloudRun
    fetch: Callable[[str], bytes]

    @property
    def host(self) -> str:
        return str(self.gateway["defaultHostname"])

    @cached_property
    def document(self) -> Document:
        (only,) = self.config["openapiDocuments"]
        found: Document = json.loads(base64.b64decode(only["document"]["contents"]))
        return found

    def answer(self, asked: Asked) -> Reply:
        try:
            operation = self._operation(asked)
            claims = self._claims(operation, asked)
        except RefusedError as refused:
            return refused.reply()
        return self._call(operation.get("x-google-backend") or self.document["x-google-backend"], asked, claims)

    def _operation(self, asked: Asked) -> Document:
        path = asked.path.partition("?")[0]
        for template, item in self.document["paths"].items():
            if re.fullmatch("[^/]+".join(map(re.escape, PARAMETER.split(template))) + "/?", path):
                if asked.method.lower() in item:
                    found: Document = item[asked.method.lower()]
                    return found
                raise RefusedError(
                    405,
                    f'The current request is matched to the defined url template "{template}" but its http method is '
                    "not allowed",
                )
        raise RefusedError(404, "The current request is not defined by this API.")

    def _claims(self, operation: Document, asked: Asked) -> str | None:
        """What the token says, as it stands in it; None where no token is asked for."""
        required = operation.get("security", self.document.get("security", []))
        if not required:
            return None
        (name,) = required[0]
        kind, _, token = asked.header("Authorization").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise RefusedError(401, MISSING)
        self._verify(token, self.document["securityDefinitions"][name])
        return token.split(".")[1]

    def _verify(self, token: str, definition: Document) -> None:
        audiences = definition["x-google-audiences"].split(",")
        try:
            jwt.decode(
                token,
                self._key(token, definition),
                ALGORITHMS,
                audience=audiences,
                issuer=definition["x-google-issuer"],
            )
        except jwt.ExpiredSignatureError:
            raise RefusedError(401, "Jwt is expired") from None
        except (jwt.InvalidAudienceError, jwt.MissingRequiredClaimError):
            raise RefusedError(403, "Audiences in Jwt are not allowed") from None
        except jwt.InvalidIssuerError:
            raise RefusedError(401, "Jwt issuer is not configured") from None
        except jwt.InvalidTokenError:
            raise RefusedError(401, "Jwt verification fails") from None

    def _key(self, token: str, definition: Document) -> Any:  # noqa: ANN401 of whatever kind it is
        if token.count(".") != 2:
            raise RefusedError(401, MALFORMED)
        wanted = jwt.get_unverified_header(token).get("kid")
        keys = jwt.PyJWKSet.from_dict(json.loads(self.fetch(definition["x-google-jwks_uri"]))).keys
        for key in keys:
            if key.key_id == wanted:
                return key.key
        raise RefusedError(401, "Jwks doesn't have key to match kid or alg from Jwt")

    def _call(self, backend: Document, asked: Asked, claims: str | None) -> Reply:
        """The path of the request follows the address; or, by the other translation, nothing does."""
        is_appended = backend["path_translation"] == "APPEND_PATH_TO_ADDRESS"
        account = self.config["gatewayConfig"]["backendConfig"]["googleServiceAccount"]
        call = Asked(
            method=asked.method,
            path=asked.path if is_appended else "/",
            headers=tuple(_headers(asked, claims)),
            body=asked.body,
        )
        try:
            return self.cloud_run.call(
                backend["address"],
                call,
                account=account,
                audience=backend["jwt_audience"],
                origin=Origin.INTERNET,
                patience=backend["deadline"],
            )
        except TimeoutError:
            return RefusedError(504, "upstream request timeout").reply()


def _headers(asked: Asked, claims: str | None) -> Iterator[tuple[str, str]]:
    own: Headers = asked.without(USER_INFO) if claims is not None else asked.headers
    for name, value in own:
        if name.lower() == "authorization":
            yield FORWARDED, value
        elif name.lower() != FORWARDED.lower() or not asked.header("Authorization"):
            yield name, value
    if claims is not None:
        yield USER_INFO, claims


def gateways(records: Records, cloud_run: CloudRun, fetch: Callable[[str], bytes]) -> Iterator[ApiGateway]:
    """The service that it manages has to be enabled, or it would answer everybody 403."""
    for gateway in records.of("apigateway.Gateway"):
        config = records.one("apigateway.ApiConfig", id=gateway["apiConfig"])
        records.one("projects.Service", service=records.one("apigateway.Api", apiId=config["api"])["managedService"])
        yield ApiGateway(gateway, config, cloud_run, fetch)
