"""What every handler carries: JSON logs that Cloud Logging reads, the trace's name in each line, and a last stop.

Logs are functions/logs.py's lines, with its redaction and the ids at hand. Traces are those that Cloud Run samples by
itself: OpenTelemetry's SDK would add to every cold start.
"""

from __future__ import annotations

import copy
import functools
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, TextIO, TypeAlias

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
from functions.entrypoints.gcp.wsgi import body_of, reply_of, request_of
from functions.environment import Environment, Variable

if TYPE_CHECKING:
    import flask

Handler: TypeAlias = Callable[[Request], Response]
View: TypeAlias = "Callable[[flask.Request], flask.Response]"

DONE = Response(status=204)
TRACE = "logging.googleapis.com/trace"
"""The field by which Cloud Logging finds the lines of a trace."""
QUIET = ("google", "grpc", "urllib3")
"""At DEBUG they log what is sent, tokens and documents included."""

logger = logging.getLogger(__name__)


def observed(handler: Handler, *, max_bytes: int) -> View:
    """What functions-framework calls. It never raises: the framework would send the error's text to the caller."""
    _configure()
    project = Environment.from_process().get(Variable.PROJECT)

    @functools.wraps(handler)
    def view(sent: flask.Request) -> flask.Response:
        def handled(request: Request) -> Response:
            return handler(replace(request, body=body_of(sent, max_bytes=max_bytes)))

        return reply_of(answered(handled, request_of(sent), project=project))

    return view


def answered(handler: Handler, request: Request, *, project: str | None = None) -> Response:
    """The handler's response, or the problem that it ended in."""
    identity = request_id(request)
    with logs.context(request_id=identity, **_of_the_trace(request, project)):
        try:
            return handler(request)
        except Exception as error:  # noqa: BLE001 -- as above
            problem = problem_of(error)
            _log(problem, error)
            return problem_response(problem, identity)


def only_post(request: Request) -> None:
    """What Google calls by itself it posts; raises a 405."""
    if request.method != "POST":
        raise ProblemError(METHOD_NOT_ALLOWED, "this function takes POST", headers={"Allow": "POST"})


class LogLines(logs.JsonFormatter):
    """With `severity`, which Cloud Logging reads where we write `level`."""

    def format(self, record: logging.LogRecord) -> str:
        line = copy.copy(record)
        vars(line)["severity"] = record.levelname
        return super().format(line)


def configure(*, function: str, environment: Environment, stream: TextIO) -> None:
    """One object a line: Cloud Run reads each as an entry, whatever else the platform had set up."""
    logs.configure(
        level=environment.get(Variable.LOG_LEVEL) or "INFO",
        function=function,
        stage=environment.get(Variable.STAGE) or "",
        stream=stream,
        lines=LogLines,
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


@cache
def _configure() -> None:
    configure(
        function=os.environ.get("K_SERVICE", "function"), environment=Environment.from_process(), stream=sys.stdout
    )


def _of_the_trace(request: Request, project: str | None) -> Mapping[str, str]:
    return {TRACE: f"projects/{project}/traces/{request.trace_id}"} if project and request.trace_id else {}


def _log(problem: ProblemError, error: Exception) -> None:
    """An error for what somebody has to mend; a warning for what comes again, and for a caller's mistake."""
    fields = {"status": problem.type.status, "problem": problem.type.code}
    if problem.type is INTERNAL:
        logger.error("request failed", exc_info=error, extra=fields)
    elif problem.type is UNAVAILABLE:
        logger.warning("request failed", exc_info=error, extra=fields)
    else:
        logger.warning("request refused", extra={**fields, "why": problem.detail})
