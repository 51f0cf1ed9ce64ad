"""Whatever a handler does, its caller gets an answer and Cloud Logging a line that it can read."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from functions.api.messages import Request, Response
from functions.api.problems import INVALID_REQUEST, ProblemError
from functions.domain.errors import NotOpenError, RetryableError
from functions.entrypoints.answers import Handler, answered
from functions.entrypoints.gcp.observed import DONE, TRACE, configure, traced
from functions.environment import Environment, Variable
from tests.unit.functions.entrypoints.gcp.calls import TRACE_ID

CALL = Request(method="POST", path="/", trace_id=TRACE_ID)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged; afterwards the root logger is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    variables: dict[str, str] = {Variable.STAGE: "dev", Variable.LOG_LEVEL: "DEBUG"}
    configure(function="orders-fulfil", environment=Environment(variables), stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def failing(error: Exception) -> Handler:
    def handler(request: Request) -> Response:
        raise error

    return handler


def answer(handler: Handler, request: Request = CALL) -> Response:
    with traced(request, "orderly-test"):
        return answered(handler, request)


@pytest.mark.parametrize(
    ("error", "status", "severity"),
    [
        (ProblemError(INVALID_REQUEST, "this is no push of Pub/Sub"), 400, "WARNING"),
        (NotOpenError("the order has ended"), 409, "WARNING"),
        (RetryableError("not now"), 503, "WARNING"),
        (RuntimeError("a bug"), 500, "ERROR"),
        (RecursionError(), 500, "ERROR"),
    ],
)
def test_a_failure_is_a_problem_with_the_id_that_the_log_has(
    lines: io.StringIO, error: Exception, status: int, severity: str
) -> None:
    response = answer(failing(error))
    problem = json.loads(response.body)
    assert (response.status, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["instance"]) == (status, f"urn:orderly:request:{TRACE_ID}")
    (line,) = read(lines)
    assert (line["severity"], line["request_id"], line["status"]) == (severity, TRACE_ID, status)


def test_a_bug_is_told_to_the_log_and_not_to_the_caller(lines: io.StringIO) -> None:
    response = answer(failing(RuntimeError("the secret place is /srv/x")))
    assert b"/srv/x" not in response.body
    assert b"Traceback" not in response.body
    (line,) = read(lines)
    assert line["error_message"] == "the secret place is /srv/x"
    assert "Traceback" in line["stack"]


def test_a_line_is_what_cloud_logging_reads(lines: io.StringIO) -> None:
    def handler(request: Request) -> Response:
        logging.getLogger("functions.services").info("saga started", extra={"token": "abc"})
        return DONE

    assert answer(handler) is DONE
    (line,) = read(lines)
    assert (line["severity"], line["message"]) == ("INFO", "saga started")
    assert line[TRACE] == f"projects/orderly-test/traces/{TRACE_ID}"
    assert (line["function"], line["stage"], line["token"]) == ("orders-fulfil", "dev", "[redacted]")


def test_a_call_without_a_trace_has_none_in_its_lines(lines: io.StringIO) -> None:
    answer(failing(RuntimeError("a bug")), Request(method="POST", path="/"))
    (line,) = read(lines)
    assert TRACE not in line


def test_the_ids_of_one_call_are_not_those_of_the_next(lines: io.StringIO) -> None:
    answer(failing(RuntimeError("a bug")))
    logging.getLogger("functions").info("between calls")
    assert "request_id" not in read(lines)[-1]


@pytest.mark.parametrize("name", ["google.auth.transport", "grpc._channel", "urllib3.connectionpool"])
def test_the_sdks_say_nothing_of_what_they_send_at_any_level(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).debug("POST with a token")
    assert read(lines) == []
