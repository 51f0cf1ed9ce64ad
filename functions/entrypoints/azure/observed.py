"""What every handler carries: JSON logs with the trace's id in each line, sent with the invocation that they belong to.

The worker's own log handler stays and is only told how to write: it sends each line to the host with the invocation's
id, and so Application Insights shows it within that request's trace. A handler of ours would lose that.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from azure.functions import Context

from functions import logs
from functions.api.trace import trace_id
from functions.environment import Environment, Variable

QUIET = ("aiohttp", "azure.core", "azure.cosmos", "azure.functions", "azure.identity", "msal", "urllib3")
"""At INFO some of Azure's own log each request with its headers, at DEBUG others what is sent; the worker, as
`azure.functions`, up to five lines of each call that say no more than the host keeps of it."""


def configure(*, function: str, environment: Environment) -> None:
    """Every line is one object, which Application Insights keeps as the trace's message."""
    lines = logs.JsonFormatter(function=function, stage=environment.get(Variable.STAGE) or "")
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.StreamHandler(sys.stderr))
    for handler in root.handlers:
        handler.setFormatter(lines)
    root.setLevel(logs.level_of(environment.get(Variable.LOG_LEVEL) or "INFO"))
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def configure_from_process() -> None:
    configure(function=os.environ.get("WEBSITE_SITE_NAME", "function"), environment=Environment.from_process())


@contextmanager
def observed(context: Context) -> Iterator[str | None]:
    """Every line logged inside has the ids of the trace and of the invocation; gives the trace's, if there is one."""
    trace = trace_id(context.trace_context.trace_parent or "")
    with logs.context(trace_id=trace, invocation_id=context.invocation_id):
        yield trace
