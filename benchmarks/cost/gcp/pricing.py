"""Counts and prices of Google Cloud to lines of a bill.

Dollars are for one order. What functions take is assumed, not measured: the price list says what.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from benchmarks.cost.gcp.stack import Stack
from benchmarks.cost.lines import Line, Prices

ROUNDED_UP_TO = Fraction(1, 10)
"""Seconds, of each call (cloud.google.com/run/pricing)."""
LEAST_REQUEST_BYTES = 1000
"""Of each publish and each push (cloud.google.com/pubsub/pricing)."""
TIMES_SENT = 4
"""On the path: the event from the database to Eventarc and from there to the relay, to the bus and to its queue."""
BYTES_IN_A_GIB = 1024**3
COUNTED = (
    "api requests",
    "api calls",
    "queue calls",
    "other calls",
    "workflow tasks",
    "internal workflow steps",
    "external workflow steps",
    "feed bytes",
    "message bytes",
    "documents read",
    "documents written",
    "documents that expire",
    "objects written",
    "log bytes",
)
"""What a run has to have counted; each number of calls is of functions with the same processor."""


def path(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """From the request to the order's end: gateway, functions, the event and the message between them, workflow.

    The API, the relay and `fulfil`, which is a queue's, are called before the workflow's own tasks, once each for the
    event that starts it.
    """
    return (
        *_front(prices, counts["api requests"], stack),
        *_functions(prices, stack, api=counts["api requests"], queues=1, others=1 + counts["workflow tasks"]),
        prices.line("message byte", TIMES_SENT * LEAST_REQUEST_BYTES),
        *_workflow(prices, counts),
    )


def reference_path(prices: Prices, calls: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """API Gateway, a function for each state, a workflow; its functions have the memory of the stack's."""
    return (
        prices.line("gateway call", calls["api requests"]),
        *_functions(prices, stack, others=calls["functions on the path"]),
        prices.line("internal workflow step", calls["workflow steps"]),
    )


def whole(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """Everything that was counted: storage, every event on its way to every queue, archive and logs too."""
    api, queues, others = (counts[f"{kind} calls"] for kind in ("api", "queue", "other"))
    log_bytes = counts["log bytes"] + prices.value("request_log_bytes") * (api + queues + others)
    return (
        *_front(prices, counts["api requests"], stack),
        *_functions(prices, stack, api=api, queues=queues, others=others),
        *_workflow(prices, counts),
        prices.line("message byte", counts["feed bytes"] + counts["message bytes"]),
        *_database(prices, counts, stack),
        prices.line("object written", counts["objects written"]),
        prices.line("log gib", log_bytes / BYTES_IN_A_GIB),
    )


def _front(prices: Prices, requests: float, stack: Stack) -> tuple[Line, ...]:
    """The function's own address costs nothing."""
    if stack.gcp.api_kind == "gateway":
        return (prices.line("gateway call", requests),)
    if stack.gcp.api_kind == "load_balancer":
        return (prices.line("balanced gib", requests * prices.value("balanced_bytes") / BYTES_IN_A_GIB),)
    return ()


def _functions(
    prices: Prices, stack: Stack, *, api: float = 0, queues: float = 0, others: float = 0
) -> tuple[Line, ...]:
    """By numbers of calls. An instance that is kept ready costs as much while it works as any other."""
    calls, seconds = api + queues + others, _billed(prices.value("function_seconds"))
    cpus = api * stack.api_cpus + queues * stack.queue_cpus + others * stack.other_cpus
    return (
        prices.line("function request", calls),
        prices.line("vcpu-second", cpus * seconds),
        prices.line("gib-second", calls * stack.function_gib * seconds),
    )


def _billed(seconds: float) -> float:
    return float(math.ceil(Fraction(str(seconds)) / ROUNDED_UP_TO) * ROUNDED_UP_TO)


def _workflow(prices: Prices, counts: Mapping[str, float]) -> tuple[Line, ...]:
    kinds = ("internal workflow step", "external workflow step")
    return tuple(prices.line(kind, counts[f"{kind}s"]) for kind in kinds if counts[f"{kind}s"])


def _database(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """A document that expires is deleted at the price of any other delete."""
    done = {"read": "documents read", "write": "documents written", "delete": "documents that expire"}
    where = ", several regions" if stack.is_in_several_regions else ""
    return tuple(prices.line(f"document {what}{where}", counts[counted]) for what, counted in done.items())
