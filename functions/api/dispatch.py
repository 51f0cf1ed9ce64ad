"""A request in, a response out: finds the route, checks who calls, answers, and turns every failure into a problem."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from functions import logs
from functions.api import problems
from functions.api.bodies import MAX_BODY_BYTES
from functions.api.handlers import HANDLERS, ApiServices, Call
from functions.api.messages import Request, Response
from functions.api.problems import ProblemError, problem_of, problem_response
from functions.api.routes import Match, allowed_methods, match
from functions.api.tokens import caller_of
from functions.api.trace import request_id

__all__ = ["ApiServices", "dispatch"]

logger = logging.getLogger(__name__)


def dispatch(request: Request, services: ApiServices) -> Response:
    """Never raises: whatever happens, the caller gets a response that carries the request's id."""
    identity = request_id(request)
    with logs.context(request_id=identity):
        response = _answered(request, services, identity)
    headers = {
        **response.headers,
        **services.cors.headers(request.headers.get("origin")),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": identity,
    }
    return replace(response, headers=headers)


def _answered(request: Request, services: ApiServices, identity: str) -> Response:
    try:
        if request.method == "OPTIONS" and (methods := allowed_methods(request.path)):
            return _options(request, services, methods)
        found = match(request.method, request.path)
        response = _handled(request, services, found)
        logger.info(
            "request answered", extra={"route": f"{found.route.method} {found.route.path}", "status": response.status}
        )
    except Exception as error:  # noqa: BLE001 -- the last stop: an error that passed it would show its traceback to the caller
        problem = problem_of(error)
        _log(problem, error)
        return problem_response(problem, identity)
    return response


def _options(request: Request, services: ApiServices, methods: tuple[str, ...]) -> Response:
    preflight = services.cors.preflight(request.headers, methods)
    return Response(status=204, headers={"Allow": ", ".join(methods), **preflight})


def _handled(request: Request, services: ApiServices, found: Match) -> Response:
    route = found.route
    if len(request.body) > MAX_BODY_BYTES:
        raise ProblemError(
            problems.BODY_TOO_LARGE, f"a body may have {MAX_BODY_BYTES} bytes, this one has {len(request.body)}"
        )
    tenant = ""
    if route.scope is not None:
        caller = caller_of(request, services.verify)
        caller.require(route.scope)
        tenant = caller.tenant
        logs.bind(tenant=tenant)
    if route.request is not None:
        _require_json(request)
    return HANDLERS[route.handler](Call(request=request, match=found, tenant=tenant, services=services))


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "")
    if not re.fullmatch(r'application/json(\s*;\s*charset="?utf-8"?)?\s*', media_type, re.IGNORECASE):
        raise ProblemError(
            problems.UNSUPPORTED_MEDIA_TYPE,
            "send the body as Content-Type: application/json, in UTF-8",
            headers={"Accept": "application/json"},
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError(
            problems.UNSUPPORTED_MEDIA_TYPE,
            "send the body as it is, without a Content-Encoding",
            headers={"Accept-Encoding": "identity"},
        )


def _log(problem: ProblemError, error: Exception) -> None:
    """Our failures with their cause; the caller's mistakes by their code alone: what they sent is not ours to keep."""
    fields = {"status": problem.type.status, "problem": problem.type.code}
    if problem.type.status >= 500:
        logger.error("request failed", exc_info=error, extra=fields)
    else:
        logger.info("request refused", extra=fields)
