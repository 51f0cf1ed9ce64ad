"""A REST API's authorizer for an issuer of your own: the token is verified here, as `local` does in the function.

What it allows is the whole stage: the gateway keeps the answer for a token and asks it of every route. Which scope a
route needs is checked in the function, by the route table.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from functions.adapters.http.keys import key_document
from functions.api.keys import KeySet
from functions.api.messages import Request
from functions.api.problems import ProblemError
from functions.api.tokens import Caller, TokenVerifier, Verifier, caller_of
from functions.entrypoints.aws.observed import LambdaContext
from functions.environment import Environment, Variable

METHOD_ARN = re.compile(
    r"(?P<stage>arn:aws[a-z-]*:execute-api:[a-z0-9-]+:\d{12}:[a-z0-9]+/[A-Za-z0-9_-]+)/.*", re.DOTALL
)

logger = logging.getLogger(__name__)


class UnauthorizedError(Exception):
    """API Gateway answers 401 to an authorizer that fails with exactly this word, and 500 to any other failure."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


def authorize(event: Any, context: LambdaContext) -> Mapping[str, object]:  # noqa: ANN401 -- as the gateway sends it
    return decision(event, verifier())


def decision(event: Mapping[str, Any], verifier: Verifier) -> Mapping[str, object]:
    """Raises UnauthorizedError; and KeysUnavailableError, a 500, where the issuer's keys cannot be read."""
    try:
        caller = caller_of(Request(method="", path="", headers=_authorization(event)), verifier)
    except ProblemError as problem:
        logger.info("token refused", extra={"problem": problem.type.code, "why": problem.detail})
        raise UnauthorizedError from None
    return _allowed(caller, event["methodArn"])


@cache
def verifier() -> TokenVerifier:
    environment = Environment.from_process()
    return TokenVerifier(
        issuer=environment[Variable.TOKEN_ISSUER],
        audience=environment[Variable.TOKEN_AUDIENCE],
        keys=KeySet(key_document(environment[Variable.TOKEN_KEYS])),
    )


def _authorization(event: Mapping[str, Any]) -> Mapping[str, str]:
    """Of a TOKEN authorizer's event, or of a REQUEST authorizer's headers."""
    sent = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    token = event.get("authorizationToken", sent.get("authorization"))
    return {"authorization": token} if isinstance(token, str) else {}


def _allowed(caller: Caller, method_arn: str) -> Mapping[str, object]:
    found = METHOD_ARN.fullmatch(method_arn)
    if not found:
        raise UnauthorizedError
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": f"{found['stage']}/*"}
    return {
        "principalId": caller.subject or caller.tenant,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"tenant": caller.tenant, "scope": " ".join(sorted(caller.scopes)), "sub": caller.subject},
    }
