"""What the gateway itself refuses, as the problem documents that the function would have answered with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi_aws as aws

from components.aws._rest_parts import Parts
from functions.api import problems
from functions.api.bodies import MAX_BODY_BYTES
from functions.api.cors import EXPOSED_HEADERS
from functions.api.problems import CONTENT_TYPE, ProblemType

INSTANCE = "urn:orderly:request:$context.requestId"
"""The template knows variables but no logic, and what it quotes of a request it does not escape: so it quotes none."""
NO_SUCH_ROUTE = "no route has this method and path; GET /openapi.json lists them"
NO_TOKEN = "send a token of the issuer that has not expired: Authorization: Bearer <token>"  # noqa: S105 -- a sentence
BUSY = "more requests arrive than are let through; send it again after a pause"
NOT_ANSWERED = "the request was not answered in time; send it again, with the same Idempotency-Key if it has one"
OURS = "the failure is in our log under this request id; tell us the id if it comes back"
REALM = {"WWW-Authenticate": 'Bearer realm="orderly"'}
PAUSE = {"Retry-After": "1"}


@dataclass(frozen=True, kw_only=True)
class Refusal:
    status: int
    title: str
    detail: str
    type: str = "about:blank"
    """By RFC 9457 this says no more than the status does."""
    headers: Mapping[str, str] = field(default_factory=dict)


def _refusal(problem: ProblemType, detail: str, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(status=problem.status, title=problem.title, detail=detail, type=problem.uri, headers=headers or {})


REFUSALS: Mapping[str, Refusal] = {
    "BAD_REQUEST_BODY": _refusal(
        problems.INVALID_REQUEST,
        "the body does not fit its schema; GET /openapi.json has it, mend it and send it again",
    ),
    "BAD_REQUEST_PARAMETERS": _refusal(
        problems.INVALID_REQUEST, "a parameter is missing; GET /openapi.json lists them, mend it and send it again"
    ),
    "UNAUTHORIZED": _refusal(problems.UNAUTHORIZED, NO_TOKEN, REALM),
    "EXPIRED_TOKEN": _refusal(problems.UNAUTHORIZED, NO_TOKEN, REALM),
    "ACCESS_DENIED": _refusal(
        problems.INSUFFICIENT_SCOPE, "this needs a scope that the token has not; ask the token's issuer for it"
    ),
    "WAF_FILTERED": Refusal(
        status=403, title="Forbidden", detail="the firewall took the request for an attack; tell us if it is none"
    ),
    "MISSING_AUTHENTICATION_TOKEN": _refusal(problems.NOT_FOUND, NO_SUCH_ROUTE),
    "RESOURCE_NOT_FOUND": _refusal(problems.NOT_FOUND, NO_SUCH_ROUTE),
    "REQUEST_TOO_LARGE": _refusal(problems.BODY_TOO_LARGE, f"a body may have {MAX_BODY_BYTES} bytes"),
    "UNSUPPORTED_MEDIA_TYPE": _refusal(
        problems.UNSUPPORTED_MEDIA_TYPE, "send the body as Content-Type: application/json, in UTF-8"
    ),
    "THROTTLED": _refusal(problems.TOO_MANY_REQUESTS, BUSY, PAUSE),
    "QUOTA_EXCEEDED": _refusal(problems.TOO_MANY_REQUESTS, BUSY, PAUSE),
    "INTEGRATION_TIMEOUT": _refusal(problems.UNAVAILABLE, NOT_ANSWERED, PAUSE),
    "INTEGRATION_FAILURE": _refusal(problems.UNAVAILABLE, NOT_ANSWERED, PAUSE),
    "AUTHORIZER_FAILURE": _refusal(problems.UNAVAILABLE, NOT_ANSWERED, PAUSE),
    "AUTHORIZER_CONFIGURATION_ERROR": _refusal(problems.INTERNAL, OURS),
    "API_CONFIGURATION_ERROR": _refusal(problems.INTERNAL, OURS),
    "DEFAULT_4XX": _refusal(problems.INVALID_REQUEST, "the gateway could not read the request"),
    "DEFAULT_5XX": _refusal(problems.INTERNAL, OURS),
}
"""By API Gateway's name for the failure."""


def gateway_responses(parts: Parts, cors_origins: tuple[str, ...]) -> None:
    for response_type, refusal in REFUSALS.items():
        parts.add(
            aws.apigateway.Response(
                f"{parts.name}-{response_type.lower().replace('_', '-')}",
                rest_api_id=parts.api.id,
                response_type=response_type,
                status_code=str(refusal.status),
                response_parameters=_parameters(refusal, cors_origins),
                response_templates={"application/json": document(refusal, INSTANCE)},
                opts=parts.child("gateway-response"),
            )
        )


def document(refusal: Refusal, instance: str | None = None) -> str:
    known = {"type": refusal.type, "title": refusal.title, "status": refusal.status, "detail": refusal.detail}
    return json.dumps({**known, "instance": instance} if instance else known)


def _parameters(refusal: Refusal, cors_origins: tuple[str, ...]) -> dict[str, str]:
    literals = {
        "Content-Type": CONTENT_TYPE,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **refusal.headers,
        **_cors(cors_origins),
    }
    return {
        **{f"gatewayresponse.header.{name}": f"'{value}'" for name, value in literals.items()},
        "gatewayresponse.header.X-Request-Id": "context.requestId",
    }


def _cors(origins: tuple[str, ...]) -> Mapping[str, str]:
    """A literal cannot depend on who asks, so where several may, all pages may read why the gateway refused.

    That tells them nothing: it holds no order, and a page has no token of its own to send.
    """
    if not origins:
        return {}
    allowed = origins[0] if len(origins) == 1 else "*"
    exposed = {"Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS)}
    return {"Access-Control-Allow-Origin": allowed, **exposed, **({} if allowed == "*" else {"Vary": "Origin"})}
