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
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, TextIO, TypeAlias

from functions import logs
from functions.api.messages import Request, Response
from functions.entrypoints.answers import Handler, answered
from functions.entrypoints.gcp.wsgi import body_of, reply_of, request_of
from functions.environment import Environment, Variable

if TYPE_CHECKING:
    import flask

View: TypeAlias = "Callable[[flask.Request], flask.Response]"

DONE = Response(status=204)
TRACE = "logging.googleapis.com/trace"
"""The field by which Cloud Logging finds the lines of a trace."""
QUIET = ("google", "grpc", "urllib3")
"""At DEBUG they log what is sent, tokens and documents included."""


def observed(handler: Handler, *, max_bytes: int) -> View:
    """What functions-framework calls. It never raises: the framework would send the error's text to the caller."""
    _configure()
    project = Environment.from_process().get(Variable.PROJECT)

    @functools.wraps(handler)
    def view(sent: flask.Request) -> flask.Response:
        def handled(request: Request) -> Response:
            return handler(replace(request, body=body_of(sent, max_bytes=max_bytes)))

        request = request_of(sent)
        with traced(request, project):
            return reply_of(answered(handled, request))

    return view


def traced(request: Request, project: str | None) -> AbstractContextManager[None]:
    """Every line logged inside is of the request's trace, if it has one."""
    known = project and request.trace_id
    return logs.context(**{TRACE: f"projects/{project}/traces/{request.trace_id}" if known else None})


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
