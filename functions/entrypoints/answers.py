"""What an HTTP call of a handler is answered with, whatever the handler does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeAlias

from functions import logs
from functions.api.messages import Request, Response
from functions.api.problems import (
    INTERNAL,
    METHOD_NOT_ALLOWED,
    UNAVAILABLE,
    ProblemError,
    problem_of,
    problem_response,
)
from functions.api.trace import request_id

Handler: TypeAlias = Callable[[Request], Response]

logger = logging.getLogger(__name__)


def answered(handler: Handler, request: Request) -> Response:
    """The handler's response, or the problem that it ended in: what calls us would tell its caller the error's text."""
    identity = request_id(request)
    with logs.context(request_id=identity):
        try:
            return handler(request)
        except Exception as error:  # noqa: BLE001 -- as above
            return failed(error, identity)


def failed(error: Exception, identity: str) -> Response:
    """The problem, which the log has too: an error for what somebody has to mend, a warning for what comes again, and
    for a caller's mistake.
    """
    problem = problem_of(error)
    fields = {"status": problem.type.status, "problem": problem.type.code}
    if problem.type is INTERNAL:
        logger.error("request failed", exc_info=error, extra=fields)
    elif problem.type is UNAVAILABLE:
        logger.warning("request failed", exc_info=error, extra=fields)
    else:
        logger.warning("request refused", extra={**fields, "why": problem.detail})
    return problem_response(problem, identity)


def only_post(request: Request) -> None:
    """What a platform calls by itself it posts; raises a 405."""
    if request.method != "POST":
        raise ProblemError(METHOD_NOT_ALLOWED, "this function takes POST", headers={"Allow": "POST"})
