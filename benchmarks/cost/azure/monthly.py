"""What a stack costs on Azure a month without a single order, as far as its settings decide it."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.cost.azure.stack import Stack
from benchmarks.cost.lines import HOURS, MINUTES, SECONDS, Monthly, Prices, always

METRIC_ALERTS: Mapping[str, int] = {"consumption": 38, "basic": 38, "direct": 37}
"""By azure.api_kind. Each looks at one metric, of one thing."""
LOG_ALERTS = 4
IDLE_SHARE = 0.1
"""Of its most, what a database that grows by itself is billed at the least."""


def monthly(prices: Prices, stack: Stack) -> tuple[Monthly, ...]:
    """Without what is nothing."""
    lines = (
        _ready(prices, stack),
        _gateway(prices, stack),
        _capacity(prices, stack),
        _feed(prices, stack),
        always("Service Bus", prices.usd("namespace month", 1)),
        # A look is a call of the connector, also at a queue where nothing is.
        always("the Logic App's look each minute", prices.usd("connector call", MINUTES)),
        always("alerts", _alerts(prices, stack)),
    )
    return tuple(line for line in lines if line.most)


def _ready(prices: Prices, stack: Stack) -> Monthly:
    """Whether they work or not; what they do is in the price of an order."""
    gb_seconds = stack.ready_instances * stack.instance_gb * SECONDS
    return always("instances of the API kept ready", prices.usd("ready gb-second", gb_seconds))


def _gateway(prices: Prices, stack: Stack) -> Monthly:
    units = 1 if stack.azure.api_kind == "basic" else 0
    return always("API Management, one unit", prices.usd("gateway month", units))


def _capacity(prices: Prices, stack: Stack) -> Monthly:
    most = prices.usd("autoscaled request unit-hour", (stack.azure.database_capacity or 0) * HOURS)
    return Monthly(what="capacity of the database", least=IDLE_SHARE * most, most=most)


def _feed(prices: Prices, stack: Stack) -> Monthly:
    """Of capacity it would take a part."""
    asked = 0 if stack.azure.database_capacity else SECONDS
    return always("asking the change feed", prices.usd("request unit", prices.value("feed_unit") * asked))


def _alerts(prices: Prices, stack: Stack) -> float:
    of_metrics = prices.usd("metric alert month", METRIC_ALERTS[stack.azure.api_kind])
    return of_metrics + prices.usd("log alert month", LOG_ALERTS)
