"""What an order costs, from counts and prices that are easy to reckon with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.cost.__main__ import durability_of, report
from benchmarks.cost.pricing import FUNCTIONS_ON_THE_PATH, Prices, path, reference_path, total, whole

COST = Path(__file__).parents[3] / "benchmarks" / "cost"
COUNTS = {
    "api requests": 1.0,
    "state transitions": 7.0,
    "lambda invocations": 20.0,
    "events": 8.0,
    "topic publishes": 8.0,
    "queue messages": 11.0,
    "dynamodb write units": 80.0,
    "dynamodb read units": 16.0,
    "objects written": 8.0,
    "log bytes": 10_000.0,
}
REFERENCE = {"api requests": 1.0, "functions on the path": 6.0, "state transitions": 7.0}


@pytest.fixture
def prices() -> Prices:
    """Each unit a dollar, and each assumption one."""
    found = json.loads((COST / "prices-aws.json").read_text())
    return Prices(
        listed={name: {"usd": 1, "per": 1} for name in found["prices"]},
        assumed={name: {"value": 1} for name in found["assumed"]},
    )


def test_a_line_is_its_units_at_the_price_of_as_many(prices: Prices) -> None:
    dear = Prices(listed={"s3 put": {"usd": 5, "per": 1000}}, assumed={})
    assert dear.line("s3 put", 8).usd == pytest.approx(0.04)


def test_the_path_of_an_order_has_its_gateway_functions_event_message_and_workflow(prices: Prices) -> None:
    gateway, event, message = 1, 1, 3
    functions = 2 * FUNCTIONS_ON_THE_PATH
    assert total(path(prices, COUNTS, express=False)) == gateway + functions + event + message + 7
    assert total(path(prices, COUNTS, express=True)) == gateway + functions + event + message + 2


def test_the_references_path_has_a_function_for_each_state(prices: Prices) -> None:
    assert total(reference_path(prices, REFERENCE)) == 1 + 2 * 6 + 7


def test_the_whole_bill_has_all_that_was_counted(prices: Prices) -> None:
    billed = {line.what: line.units for line in whole(prices, COUNTS, express=False)}
    assert billed["sqs request"] == 33
    assert billed["log gb"] == pytest.approx(1e-5)
    assert {"dynamodb write unit", "dynamodb read unit", "s3 put", "sns publish", "eventbridge event"} <= set(billed)


def test_a_bar_that_is_missed_is_said_so_with_the_reason(prices: Prices) -> None:
    counted = {"http-standard": {**COUNTS, "state transitions": 1000.0}, "rest-express": COUNTS}
    said = list(report(prices, counted, {"calls": REFERENCE}, orders=10, durability="standard"))
    assert said[-2].startswith("MISSED: express is 0.")
    assert said[-1].startswith("MISSED: standard costs ")
    assert "1000 transitions where that has 7" in said[-1]


def test_the_stacks_file_says_which_workflow_it_has() -> None:
    assert durability_of("config:\n  orderly:workflow:\n    durability: express\n") == "express"
    assert durability_of("config:\n  orderly:target: aws\n") == "standard"


def test_every_price_says_when_and_where_it_is_from() -> None:
    found = json.loads((COST / "prices-aws.json").read_text())
    assert {"dated", "source"} <= set(found)
    assert all(each["because"] for each in found["assumed"].values())
