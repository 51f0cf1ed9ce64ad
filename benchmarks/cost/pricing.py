"""Prices and counts to lines of a bill. Nothing here reads a file or knows the time.

Dollars are for one order. What functions and express runs take is assumed, not measured: the price list says what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

QUEUE_REQUESTS = 3
"""A message is sent, received and deleted."""
FUNCTIONS_ON_THE_PATH = 11
"""api, relay, fulfil and the eight tasks of the saga: what stands between a request and its order's end."""


@dataclass(frozen=True, kw_only=True)
class Line:
    what: str
    units: float
    usd: float


@dataclass(frozen=True, kw_only=True)
class Prices:
    """As in prices-aws.json."""

    listed: Mapping[str, Mapping[str, float]]
    assumed: Mapping[str, Mapping[str, Any]]

    def line(self, what: str, units: float) -> Line:
        price = self.listed[what]
        return Line(what=what, units=units, usd=units * price["usd"] / price["per"])

    def functions(self, calls: float) -> tuple[Line, Line]:
        used = calls * self.value("function_gb") * self.value("function_seconds")
        return self.line("lambda request", calls), self.line("lambda arm64 gb-second", used)

    def standard(self, transitions: float) -> tuple[Line, ...]:
        return (self.line("standard workflow transition", transitions),)

    def express(self) -> tuple[Line, ...]:
        used = self.value("express_gb") * self.value("express_seconds")
        return self.line("express workflow request", 1), self.line("express workflow gb-second", used)

    def value(self, name: str) -> float:
        return float(self.assumed[name]["value"])


def path(prices: Prices, counts: Mapping[str, float], *, express: bool) -> tuple[Line, ...]:
    """From the request to the order's end: gateway, functions, the event and the message between them, workflow."""
    return (
        prices.line("http api request", counts["api requests"]),
        *prices.functions(FUNCTIONS_ON_THE_PATH),
        prices.line("eventbridge event", 1),
        prices.line("sqs request", QUEUE_REQUESTS),
        *(prices.express() if express else prices.standard(counts["state transitions"])),
    )


def reference_path(prices: Prices, calls: Mapping[str, float]) -> tuple[Line, ...]:
    """A REST API, a function for each state, a standard workflow."""
    return (
        prices.line("rest api request", calls["api requests"]),
        *prices.functions(calls["functions on the path"]),
        *prices.standard(calls["state transitions"]),
    )


def whole(prices: Prices, counts: Mapping[str, float], *, express: bool) -> tuple[Line, ...]:
    """Everything that was counted: storage, every event on its way to every queue, archive and logs too."""
    return (
        prices.line("http api request", counts["api requests"]),
        *prices.functions(counts["lambda invocations"]),
        *(prices.express() if express else prices.standard(counts["state transitions"])),
        prices.line("eventbridge event", counts["events"]),
        prices.line("sns publish", counts["topic publishes"]),
        prices.line("sqs request", QUEUE_REQUESTS * counts["queue messages"]),
        prices.line("dynamodb write unit", counts["dynamodb write units"]),
        prices.line("dynamodb read unit", counts["dynamodb read units"]),
        prices.line("s3 put", counts["objects written"]),
        prices.line("log gb", counts["log bytes"] / 1e9),
    )


def total(lines: Sequence[Line]) -> float:
    return sum(line.usd for line in lines)
