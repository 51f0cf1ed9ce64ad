"""What a stack costs on AWS a month without a single order, as far as its settings decide it."""

from __future__ import annotations

from benchmarks.cost.aws.stack import Stack
from benchmarks.cost.lines import HOURS, MINUTES, SECONDS, Monthly, Prices, always
from components.system import QUEUES

FIREWALL_RULES = 4
"""Three groups of AWS's own, and the share of the load that one address gets."""
SCALED_TABLES = 3
"""The table and its two indexes have the same bounds each."""
OTHER_GB = 0.5
"""Of a function that a caller waits for and that is not the API, whatever memory the stack's functions have."""


def monthly(prices: Prices, stack: Stack) -> tuple[Monthly, ...]:
    """Without what is nothing."""
    lines = (_firewall(prices, stack), _ready(prices, stack), _snapshots(prices, stack), _capacity(prices, stack))
    return tuple(line for line in (*lines, _polls(prices)) if line.most)


def _firewall(prices: Prices, stack: Stack) -> Monthly:
    whole = prices.usd("firewall month", 1) + prices.usd("firewall rule month", FIREWALL_RULES)
    return always("firewall and its rules", whole if stack.has_firewall else 0)


def _ready(prices: Prices, stack: Stack) -> Monthly:
    least, most = (
        prices.usd("lambda ready gb-second", instances * stack.function_gb * SECONDS)
        for instances in stack.ready_instances
    )
    return Monthly(what="instances of the API kept ready", least=least, most=most)


def _snapshots(prices: Prices, stack: Stack) -> Monthly:
    others = max(stack.snapshots - 1, 0)
    gigabytes = stack.function_gb + OTHER_GB * others if stack.snapshots else 0
    return always("snapshots, without resuming", prices.usd("lambda snapshot gb-second", gigabytes * SECONDS))


def _capacity(prices: Prices, stack: Stack) -> Monthly:
    least, most = (_provisioned(prices, units) for units in stack.capacity or (0, 0))
    return Monthly(what="capacity of the database", least=least, most=most)


def _provisioned(prices: Prices, units: int) -> float:
    unit_hours = SCALED_TABLES * units * HOURS
    write, read = "dynamodb provisioned write unit-hour", "dynamodb provisioned read unit-hour"
    return prices.usd(write, unit_hours) + prices.usd(read, unit_hours)


def _polls(prices: Prices) -> Monthly:
    asked = len(QUEUES) * prices.value("polls_a_minute") * MINUTES
    return always("asking empty queues", prices.usd("sqs request", asked))
