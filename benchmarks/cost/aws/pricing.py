"""Counts and prices of AWS to lines of a bill.

Dollars are for one order. What functions and express runs take is assumed, not measured: the price list says what.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.cost.aws.stack import Stack
from benchmarks.cost.lines import Line, Prices

QUEUE_REQUESTS = 3
"""A message is sent, received and deleted."""
BEFORE_THE_WORKFLOW = 3
"""api, relay and fulfil are called before the workflow's own tasks, once each for the event that starts it."""
REFERENCES_WORKFLOW_IS = "standard"
COUNTED = (
    "api requests",
    "lambda invocations",
    "state transitions",
    "workflow tasks",
    "events",
    "topic publishes",
    "queue requests",
    "dynamodb write units",
    "dynamodb read units",
    "objects written",
    "log bytes",
)
"""What a run has to have counted."""


def path(prices: Prices, counts: Mapping[str, float], stack: Stack, *, durability: str) -> tuple[Line, ...]:
    """From the request to the order's end: gateway, functions, the event and the message between them, workflow."""
    return (
        *_gateway(prices, counts, stack),
        *_functions(prices, BEFORE_THE_WORKFLOW + counts["workflow tasks"], stack, at_the_api=counts["api requests"]),
        prices.line("eventbridge event", 1),
        prices.line("sqs request", QUEUE_REQUESTS),
        *_workflow(prices, counts["state transitions"], durability),
    )


def reference_path(prices: Prices, calls: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """A REST API, a function for each state, a standard workflow; its functions have the memory of the stack's."""
    return (
        prices.line("rest api request", calls["api requests"]),
        *_functions(prices, calls["functions on the path"], stack),
        *_workflow(prices, calls["state transitions"], REFERENCES_WORKFLOW_IS),
    )


def whole(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """Everything that was counted: storage, every event on its way to every queue, archive and logs too."""
    return (
        *_gateway(prices, counts, stack),
        *_functions(prices, counts["lambda invocations"], stack, at_the_api=counts["api requests"]),
        *_workflow(prices, counts["state transitions"], stack.durability),
        prices.line("eventbridge event", counts["events"]),
        prices.line("sns publish", counts["topic publishes"]),
        prices.line("sqs request", counts["queue requests"]),
        *_database(prices, counts, stack),
        prices.line("s3 put", counts["objects written"]),
        prices.line("log gb", counts["log bytes"] / 1e9),
    )


def _gateway(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    requests = counts["api requests"]
    firewall = (prices.line("firewall request", requests),) if stack.has_firewall else ()
    return (prices.line(f"{stack.aws.api_kind} api request", requests), *firewall)


def _functions(prices: Prices, calls: float, stack: Stack, *, at_the_api: float = 0) -> tuple[Line, ...]:
    """Where instances of the API are kept ready, its calls are cheaper."""
    ready = at_the_api if any(stack.ready_instances) else 0
    gb_seconds = stack.function_gb * prices.value("function_seconds")
    at_work = (prices.line("lambda ready gb-second at work", ready * gb_seconds),) if ready else ()
    on_demand = prices.line("lambda arm64 gb-second", (calls - ready) * gb_seconds)
    return (prices.line("lambda request", calls), on_demand, *at_work)


def _workflow(prices: Prices, transitions: float, durability: str) -> tuple[Line, ...]:
    if durability == "standard":
        return (prices.line("standard workflow transition", transitions),)
    used = prices.value("express_gb") * prices.value("express_seconds")
    return prices.line("express workflow request", 1), prices.line("express workflow gb-second", used)


def _database(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """Provisioned capacity is paid by the month, used or not."""
    if stack.capacity:
        return ()
    return (
        prices.line("dynamodb write unit", counts["dynamodb write units"]),
        prices.line("dynamodb read unit", counts["dynamodb read units"]),
    )
