"""Whatever a handler does, its caller gets an answer, and the log lines that belong to the trace."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from azure.functions import Context

from functions.api.messages import Request, Response
from functions.api.problems import INVALID_REQUEST, ProblemError
from functions.domain.errors import NotOpenError, RetryableError
from functions.entrypoints.answers import Handler, answered
from functions.entrypoints.azure.observed import configure, observed
from functions.environment import Environment, Variable

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
CALL = Request(method="POST", path="/", trace_id=TRACE_ID)


class Trace:
    def __init__(self, traceparent: str) -> None:
        self.trace_parent = traceparent


class Invocation(Context):
    """As the worker tells a function of its call."""

    def __init__(self, traceparent: str) -> None:
        self._trace = Trace(traceparent)

    @property
    def invocation_id(self) -> str:
        return "invocation-1"

    @property
    def trace_context(self) -> Any:  # noqa: ANN401 -- the part of the SDK's that is read
        return self._trace

    function_name = function_directory = thread_local_storage = retry_context = property(lambda self: None)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the worker's handler sends; afterwards the root logger is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    root.handlers[:] = [logging.StreamHandler(stream)]
    variables: dict[str, str] = {Variable.STAGE: "dev", Variable.LOG_LEVEL: "debug"}
    configure(function="orders-fulfil", environment=Environment(variables))
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def read(lines: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def failing(error: Exception) -> Handler:
    def handler(request: Request) -> Response:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "status", "level"),
    [
        (ProblemError(INVALID_REQUEST, "this starts no run"), 400, "WARNING"),
        (NotOpenError("the order has ended"), 409, "WARNING"),
        (RetryableError("not now"), 503, "WARNING"),
        (RuntimeError("a bug"), 500, "ERROR"),
        (RecursionError(), 500, "ERROR"),
    ],
)
def test_a_failure_is_a_problem_with_the_id_that_the_log_has(
    lines: io.StringIO, error: Exception, status: int, level: str
) -> None:
    response = answered(failing(error), CALL)
    problem = json.loads(response.body)
    assert (response.status, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert (problem["status"], problem["instance"]) == (status, f"urn:orderly:request:{TRACE_ID}")
    (line,) = read(lines)
    assert (line["level"], line["request_id"], line["status"]) == (level, TRACE_ID, status)


def test_a_bug_is_told_to_the_log_and_not_to_the_caller(lines: io.StringIO) -> None:
    response = answered(failing(RuntimeError("the secret place is /srv/x")), CALL)
    assert b"/srv/x" not in response.body
    assert b"Traceback" not in response.body
    (line,) = read(lines)
    assert line["error_message"] == "the secret place is /srv/x"
    assert "Traceback" in line["stack"]


def test_a_line_goes_through_the_workers_handler_with_the_ids_of_the_trace_and_the_invocation(
    lines: io.StringIO,
) -> None:
    with observed(Invocation(f"00-{TRACE_ID}-b7ad6b7169203331-01")) as trace:
        logging.getLogger("functions.services").info("saga started", extra={"token": "abc"})
    assert trace == TRACE_ID
    (line,) = read(lines)
    assert (line["trace_id"], line["invocation_id"]) == (TRACE_ID, "invocation-1")
    assert (line["function"], line["stage"], line["token"]) == ("orders-fulfil", "dev", "[redacted]")


@pytest.mark.parametrize("traceparent", ["", "no trace", f"00-{'0' * 32}-b7ad6b7169203331-01"])
def test_a_call_without_a_trace_has_none_in_its_lines(traceparent: str, lines: io.StringIO) -> None:
    with observed(Invocation(traceparent)) as trace:
        logging.getLogger("functions").info("at work")
    assert trace is None
    assert "trace_id" not in read(lines)[0]


def test_the_ids_of_one_call_are_not_those_of_the_next(lines: io.StringIO) -> None:
    with observed(Invocation(f"00-{TRACE_ID}-b7ad6b7169203331-01")):
        pass
    logging.getLogger("functions").info("between calls")
    assert "invocation_id" not in read(lines)[-1]


def test_an_app_without_a_handler_of_the_workers_writes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    try:
        configure(function="orders-api", environment=Environment({}))
        logging.getLogger("functions").info("at work")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert json.loads(capsys.readouterr().err)["function"] == "orders-api"


@pytest.mark.parametrize(
    "name",
    [
        "azure.core.pipeline.policies.http_logging_policy",
        "azure.cosmos",
        "azure.functions",
        "azure.identity",
        "msal",
        "urllib3",
    ],
)
def test_the_sdks_say_nothing_of_what_they_send_at_any_level(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("POST with a token")
    assert read(lines) == []
