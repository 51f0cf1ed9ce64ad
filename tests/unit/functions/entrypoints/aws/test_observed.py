"""What a handler leaves in its log: lines that can be found, metrics that count, and nothing that is secret.

A handler is observed once in a process, so each test starts one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from functions.entrypoints.aws.observed import Metric, xray_trace_id
from tests.unit.functions.entrypoints.aws.invocation import Invocation

ROOT = Path(__file__).parents[5]
TRACE = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"
LAMBDA: Mapping[str, str] = {
    "AWS_LAMBDA_FUNCTION_NAME": Invocation().function_name,
    "LAMBDA_TASK_ROOT": "/var/task",
    "ORDERLY_STAGE": "prod",
    "ORDERLY_LOG_LEVEL": "INFO",
    "_X_AMZN_TRACE_ID": TRACE,
}
OBSERVED = """
import logging
from functions import logs
from functions.entrypoints.aws.observed import Metric, count, observed
from tests.unit.functions.entrypoints.aws.invocation import Invocation
service = logging.getLogger("functions.services.place_order")
"""


def lines(script: str, **environment: str) -> list[dict[str, Any]]:
    """What a process like Lambda's has written, a warning being an error."""
    finished = subprocess.run(
        [sys.executable, "-W", "error", "-c", OBSERVED + script],
        cwd=ROOT,
        env={**os.environ, **LAMBDA, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


def metrics(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in written if "_aws" in line]


LOGGING = """
def handler(event, context):
    with logs.context(order_id="ord_1"):
        service.info("order placed", extra={"token": "eyJhbGciOiJIUzI1NiJ9.e30.c2ln"})
        service.debug("not asked for")
handler = observed(handler, calls_aws=False)
handler({"password": "hunter2"}, Invocation())
handler({}, Invocation(aws_request_id="another"))
"""


def test_a_services_line_has_the_ids_of_the_invocation_and_no_secret() -> None:
    first, *_, last = [line for line in lines(LOGGING) if "_aws" not in line]
    assert {key: value for key, value in first.items() if key != "time"} == {
        "level": "INFO",
        "message": "order placed",
        "logger": "functions.services.place_order",
        "function": "orders-api",
        "service": "orders-api",
        "stage": "prod",
        "request_id": Invocation().aws_request_id,
        "function_request_id": Invocation().aws_request_id,
        "cold_start": True,
        "xray_trace_id": "1-67891233-abcdef012345678912345678",
        "order_id": "ord_1",
        "token": "[redacted]",
    }
    assert (last["request_id"], last["function_request_id"], last["cold_start"]) == ("another", "another", False)


@pytest.mark.parametrize("logger", ["functions.services", Invocation().function_name])
def test_a_line_is_written_once_by_whichever_logger(logger: str) -> None:
    script = f"""
def handler(event, context):
    logging.getLogger({logger!r}).info("said")
observed(handler, calls_aws=False)({{}}, Invocation())
"""
    assert [line["logger"] for line in lines(script) if line.get("message") == "said"] == [logger]


def test_at_debug_the_libraries_that_log_what_they_send_stay_quiet() -> None:
    script = """
def handler(event, context):
    for name in ("botocore.endpoint", "urllib3.connectionpool", "aws_xray_sdk.core", "functions.api"):
        logging.getLogger(name).debug("said")
observed(handler, calls_aws=False)({}, Invocation())
"""
    said = [line["logger"] for line in lines(script, ORDERLY_LOG_LEVEL="DEBUG") if line.get("message") == "said"]
    assert said == ["functions.api"]


def test_the_first_invocation_is_counted_as_a_cold_start_and_no_other_is() -> None:
    (cold,) = metrics(lines(LOGGING))
    (published,) = cold["_aws"]["CloudWatchMetrics"]
    assert (published["Namespace"], published["Metrics"]) == ("Orderly", [{"Name": "ColdStart", "Unit": "Count"}])
    assert (cold["ColdStart"], cold["service"]) == ([1.0], "orders-api")


def test_what_was_counted_is_published_even_if_the_handler_fails() -> None:
    script = """
def handler(event, context):
    count(Metric.TASKS_FAILED)
    count(Metric.TASKS_FAILED)
    raise ValueError("no")
try:
    observed(handler, calls_aws=False)({}, Invocation())
except ValueError:
    pass
"""
    (failed,) = metrics(lines(script))
    assert failed["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]
    assert (failed["TasksFailed"], failed["service"]) == ([1.0, 1.0], "orders-api")


TRACING = """
import json, socket, sys
from functions.entrypoints.aws.tracing import DiscreetEmitter
DiscreetEmitter._send_data = lambda self, sent: print(sent.partition("\\n")[2])
def handler(event, context):
    if event:
        raise ValueError("ann@example.com")
    return {"customer": "ann@example.com"}
handler = observed(handler, calls_aws=True)
"""


def test_a_handlers_answer_and_what_its_error_says_are_not_traced() -> None:
    script = """
handler({}, Invocation())
try:
    handler({"x": 1}, Invocation())
except ValueError:
    pass
"""
    done, failed = [line for line in lines(TRACING + script) if line.get("name") == "## handler"]
    assert "ann@example.com" not in json.dumps([done, failed])
    (error,) = failed["cause"]["exceptions"]
    assert (error["type"], error["stack"][-1]["label"]) == ("ValueError", "handler")


def test_a_call_of_aws_is_a_subsegment_of_the_handlers() -> None:
    script = """
import botocore.session
def handler(event, context):
    client = botocore.session.Session().create_client(
        "dynamodb", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    client.meta.events.register("before-send", lambda **_: AnswersNothing())
    client.get_item(TableName="orders", Key={"pk": {"S": "ann@example.com"}})
from botocore.awsrequest import AWSResponse
class AnswersNothing(AWSResponse):
    def __init__(self):
        super().__init__("https://dynamodb.example", 200, {}, None)
    content = b"{}"
observed(handler, calls_aws=True)({}, Invocation())
"""
    written = lines(TRACING + script)
    (call,) = [line for line in written if line.get("name") == "dynamodb"]
    assert (call["aws"]["operation"], call["aws"]["table_name"]) == ("GetItem", "orders")
    assert "ann@example.com" not in json.dumps(written)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (TRACE, "1-67891233-abcdef012345678912345678"),
        ("Self=1-a-b;Root=1-c-d", "1-c-d"),
        ("Sampled=1; Root=1-c-d", "1-c-d"),
        ("Root=", None),
        ("Parent=1", None),
        ("", None),
    ],
)
def test_a_traces_id_is_found_in_its_header(header: str, found: str | None) -> None:
    assert xray_trace_id(header) == found


def test_metrics_have_names_that_cloudwatch_takes() -> None:
    assert all(metric.isascii() and metric.isalpha() for metric in Metric)
