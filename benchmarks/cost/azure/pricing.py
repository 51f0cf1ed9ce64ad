"""Counts and prices of Azure to lines of a bill.

Dollars are for one order. What calls take is assumed, not measured: the price list says what.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from benchmarks.cost.azure.stack import Stack
from benchmarks.cost.lines import Line, Prices

LEAST_SECONDS = 1.0
ROUNDED_UP_TO = Fraction(1, 10)
"""Of each time that an instance is at work: a second at the least, then by tenths
(learn.microsoft.com/azure/azure-functions/flex-consumption-plan, Billing)."""
OF_A_MESSAGE = 3
"""Operations of a queue of Durable Functions: put, fetched, deleted."""
OF_AN_EPISODE = 3
"""Operations of its tables: the history is read and written, the instance's state is written (Azure/durabletask,
AzureTableTrackingStore)."""
OF_A_RUN = 3
"""To start it: the app and then the host ask whether it is there, and note that it is."""
TIMES_SENT = 4
"""On the path, of the message that starts a run: to the topic, on to the queue, received, completed."""
OF_AN_EVENT = 2
"""Operations of Event Grid on the path: taken and delivered, to one destination and looked at by no filter of data."""
BETWEEN = 2
"""relay and fulfil are called between the API and the workflow's app, once each for the event that starts it."""
CALLS = ("api requests", "relay calls", "queue calls", "runs", "task calls", "activities", "episodes")
"""Executions: each kind of call that an app is billed for."""
COUNTED = (
    *CALLS,
    "messages of runs",
    "event operations",
    "message operations",
    "request units",
    "blobs written",
    "log lines",
    "log bytes",
)
"""What a run has to have counted."""


def path(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """From the request to the order's end: gateway, functions, the event and the message between them, workflow.

    A task is a call of two apps: of the workflow's, which waits for the other.
    """
    api = counts["api requests"]
    others = BETWEEN + counts["runs"] + counts["task calls"] + _of_the_workflow(counts)
    return (
        *_front(prices, api, stack),
        *_functions(prices, stack, api=api, others=others),
        prices.line("event operation", OF_AN_EVENT),
        prices.line("message operation", TIMES_SENT),
        *_histories(prices, counts, stack),
    )


def reference_path(prices: Prices, calls: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """A function and a workflow with its activities, on instances of the stack's size, with histories in storage."""
    return (
        *_functions(prices, stack, others=calls["api requests"] + _of_the_workflow(calls)),
        *_kept_in_storage(prices, calls),
    )


def whole(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """Everything that was counted: storage, every event on its way to every queue, archive and logs too."""
    api = counts["api requests"]
    return (
        *_front(prices, api, stack),
        *_functions(prices, stack, api=api, others=calls_of(counts) - api),
        *_histories(prices, counts, stack),
        prices.line("event operation", counts["event operations"]),
        prices.line("message operation", counts["message operations"]),
        *_database(prices, counts, stack),
        prices.line("blob written", counts["blobs written"]),
        *_logs(prices, counts),
    )


def calls_of(counts: Mapping[str, float]) -> float:
    return sum(counts[kind] for kind in CALLS)


def billed_seconds(seconds: float) -> float:
    """Of a call that has an instance to itself."""
    rounded = math.ceil(Fraction(str(seconds)) / ROUNDED_UP_TO) * ROUNDED_UP_TO
    return max(LEAST_SECONDS, float(rounded))


def _front(prices: Prices, requests: float, stack: Stack) -> tuple[Line, ...]:
    """A unit of Basic v2 has ten million requests a month in its price; what goes beyond is left out."""
    return (prices.line("gateway call", requests),) if stack.azure.api_kind == "consumption" else ()


def _functions(prices: Prices, stack: Stack, *, api: float = 0, others: float = 0) -> tuple[Line, ...]:
    """As if each call had an instance to itself; where instances of the API are kept ready, its calls are cheaper."""
    ready = api if stack.ready_instances else 0
    kept = _instances(prices, stack, "ready gb-second", calls=ready) if ready else ()
    return (
        prices.line("execution", api + others),
        *_instances(prices, stack, "gb-second", calls=api - ready + others),
        *kept,
    )


def _instances(prices: Prices, stack: Stack, unit: str, *, calls: float) -> tuple[Line, Line]:
    """What the calls work, and apart from it what each is billed beyond that."""
    worked = prices.value("call_seconds")
    seconds = {"at work": worked, "of the minimum": billed_seconds(worked) - worked}
    work, minimum = (
        _named(prices, f"{unit} at work", f"{unit} {what}", calls * stack.instance_gb * each)
        for what, each in seconds.items()
    )
    return work, minimum


def _of_the_workflow(counts: Mapping[str, float]) -> float:
    """Each episode is an execution, however often the history was played before."""
    return counts["activities"] + counts["episodes"]


def _histories(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    return _kept_in_storage(prices, counts) if stack.azure.durable_backend == "storage" else ()


def _kept_in_storage(prices: Prices, counts: Mapping[str, float]) -> tuple[Line, ...]:
    tables = OF_AN_EPISODE * counts["episodes"] + OF_A_RUN * counts["runs"]
    return (
        prices.line("durable queue operation", OF_A_MESSAGE * counts["messages of runs"]),
        prices.line("durable table operation", tables),
    )


def _database(prices: Prices, counts: Mapping[str, float], stack: Stack) -> tuple[Line, ...]:
    """What grows by itself is paid by the hour, used or not."""
    return () if stack.azure.database_capacity else (prices.line("request unit", counts["request units"]),)


def _logs(prices: Prices, counts: Mapping[str, float]) -> tuple[Line, Line]:
    """The functions' lines, with what is told of each, and the record of each call, which a log level does not end."""
    lines = counts["log bytes"] + prices.value("line_bytes") * counts["log lines"]
    calls = prices.value("request_bytes") * calls_of(counts)
    return (
        _named(prices, "log gb", "log gb of lines", lines / 1e9),
        _named(prices, "log gb", "log gb of calls", calls / 1e9),
    )


def _named(prices: Prices, unit: str, what: str, units: float) -> Line:
    return Line(what=what, units=units, usd=prices.usd(unit, units))
