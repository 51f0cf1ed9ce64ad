"""What a stack costs on Google Cloud a month without a single order, as far as its settings decide it."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.cost.gcp.stack import Stack
from benchmarks.cost.lines import HOURS, MINUTES, SECONDS, Monthly, Prices, always

ALARMS: Mapping[str, int] = {"gateway": 42, "load_balancer": 43, "direct": 41}
"""By gcp.api_kind, how many conditions the alert policies have."""
SCHEDULED_JOBS = 1


def monthly(prices: Prices, stack: Stack) -> tuple[Monthly, ...]:
    """Without what is nothing."""
    lines = (
        _ready(prices, stack),
        _load_balancer(prices, stack),
        always("conditions of alarms, and looking at them", _alarms(prices, stack)),
        always("the scheduled clean-up", prices.usd("scheduled job month", SCHEDULED_JOBS)),
        always("secrets, one version each", prices.usd("secret month", len(stack.file.secret_blocks))),
    )
    return tuple(line for line in lines if line.most)


def _ready(prices: Prices, stack: Stack) -> Monthly:
    """While they are idle; what they do is in the price of an order."""
    seconds = stack.ready_instances * SECONDS
    usd = prices.usd("idle vcpu-second", stack.api_cpus * seconds)
    return always("instances of the API kept ready", usd + prices.usd("idle gib-second", stack.function_gib * seconds))


def _load_balancer(prices: Prices, stack: Stack) -> Monthly:
    """One forwarding rule, which costs as much as five."""
    hours = HOURS if stack.gcp.api_kind == "load_balancer" else 0
    return always("load balancer", prices.usd("load balancer hour", hours))


def _alarms(prices: Prices, stack: Stack) -> float:
    conditions = ALARMS[stack.gcp.api_kind]
    looks = conditions * prices.value("looks_a_minute") * MINUTES
    return prices.usd("alert condition month", conditions) + prices.usd("alert time series", looks)
