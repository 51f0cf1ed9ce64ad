"""What every handler carries: JSON logs, a trace, and metrics in CloudWatch's embedded format, all by Powertools.

Logs are functions/logs.py's lines, with its redaction and the ids at hand. A trace has a subsegment for the handler and
one for each call of AWS, none with a body or with what an error says. Metrics are in the namespace `Orderly`, by the
dimension `service`, which is the function's name; ColdStart also has it as `function_name`.
"""

from __future__ import annotations

import copy
import functools
import logging
import os
import warnings
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypeAlias

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import BasePowertoolsFormatter
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from functions import logs
from functions.environment import Environment, Variable

NAMESPACE = "Orderly"
QUIET = ("aws_xray_sdk", "botocore", "urllib3")
"""At DEBUG they log what is sent, signatures and items included."""


class LambdaContext(Protocol):
    """What is read of the context of an invocation."""

    @property
    def function_name(self) -> str: ...
    @property
    def memory_limit_in_mb(self) -> int: ...
    @property
    def invoked_function_arn(self) -> str: ...
    @property
    def aws_request_id(self) -> str: ...


Handler: TypeAlias = Callable[[Any, LambdaContext], Any]


class Metric(StrEnum):
    """What the functions count; alarms and dashboards name them so."""

    ORDERS_PLACED = "OrdersPlaced"
    MESSAGES_REFUSED = "MessagesRefused"
    TASKS_FAILED = "TasksFailed"
    COMPENSATIONS_FAILED = "CompensationsFailed"


def count(metric: Metric, times: int = 1) -> None:
    """Adds to what the invocation at hand publishes when it ends."""
    _metrics().add_metric(name=metric, unit=MetricUnit.Count, value=times)


def observed(handler: Handler, *, calls_aws: bool) -> Handler:
    """The handler, observed. `calls_aws` loads botocore at once, so that its calls are traced."""
    # Where Lambda does not say that it is there, the X-Ray SDK makes a client of AWS when it is imported.
    from functions.entrypoints.aws.tracing import tracer

    logger, traces, metrics = _logger(), tracer(_service(), calls_aws=calls_aws), _metrics()
    # An invocation without a business metric is no mistake.
    warnings.filterwarnings("ignore", message="No application metrics to publish")

    @functools.wraps(handler)
    def with_ids(event: Any, context: LambdaContext) -> Any:  # noqa: ANN401 -- what AWS sends, and what it wants back
        with logs.context(request_id=context.aws_request_id):
            return handler(event, context)

    traced = traces.capture_lambda_handler(with_ids, capture_response=False, capture_error=False)
    counted = metrics.log_metrics(traced, capture_cold_start_metric=True)
    return logger.inject_lambda_context(counted, log_event=False)


def xray_trace_id(header: str) -> str | None:
    """The trace's own id in an `X-Amzn-Trace-Id` header, as in `Root=1-67891233-abcdef...;Sampled=1`."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == "Root" and value:
            return value
    return None


class LogLines(BasePowertoolsFormatter):
    """A line of functions/logs.py, with what Powertools knows of the invocation."""

    KEPT = ("service", "function_request_id", "cold_start")

    def __init__(self, *, function: str, stage: str) -> None:
        super().__init__()
        self._lines = logs.JsonFormatter(function=function, stage=stage)
        self._keys: dict[str, object] = {}

    def append_keys(self, **additional_keys: object) -> None:
        self._keys.update((key, value) for key, value in additional_keys.items() if key in self.KEPT)

    def get_current_keys(self) -> dict[str, Any]:
        return dict(self._keys)

    def clear_state(self) -> None:
        self._keys.clear()

    def format(self, record: logging.LogRecord) -> str:
        line = copy.copy(record)
        vars(line).update(self._keys, **_of_the_trace())
        return self._lines.format(line)


def _of_the_trace() -> Mapping[str, str]:
    trace_id = xray_trace_id(os.environ.get("_X_AMZN_TRACE_ID", ""))
    return {"xray_trace_id": trace_id} if trace_id else {}


@cache
def _service() -> str:
    """The function's name, which Lambda gives to every function."""
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "function")


@cache
def _logger() -> Logger:
    """Takes over the root logger too: services log by the standard library."""
    environment = Environment.from_process()
    lines = LogLines(function=_service(), stage=environment.get(Variable.STAGE) or "")
    level = environment.get(Variable.LOG_LEVEL) or "INFO"
    logger = Logger(service=_service(), level=level, logger_formatter=lines)
    logging.getLogger(_service()).propagate = False
    root = logging.getLogger()
    root.handlers[:] = [logger.registered_handler]
    root.setLevel(logger.log_level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    return logger


@cache
def _metrics() -> Metrics:
    return Metrics(namespace=NAMESPACE, service=_service())
