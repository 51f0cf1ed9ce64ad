"""What an order costs on AWS, from counts and prices that are easy to reckon with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.cost.aws import monthly as by_the_month
from benchmarks.cost.aws.bill import AwsBill
from benchmarks.cost.aws.monthly import monthly
from benchmarks.cost.aws.pricing import BEFORE_THE_WORKFLOW, COUNTED, path, reference_path, whole
from benchmarks.cost.aws.stack import Stack
from benchmarks.cost.bill import Sources
from benchmarks.cost.lines import HOURS, SECONDS, Prices, total
from benchmarks.cost.report import report
from components.aws import _firewall, api, issuer
from components.aws.database import INDEXES
from components.errors import ConfigError
from tests.unit.tools.cost.easy import easy_prices, listed_prices, stack_file

COUNTS: Mapping[str, float] = {
    "api requests": 1.0,
    "state transitions": 7.0,
    "workflow tasks": 5.0,
    "lambda invocations": 20.0,
    "events": 8.0,
    "topic publishes": 8.0,
    "queue requests": 33.0,
    "dynamodb write units": 80.0,
    "dynamodb read units": 16.0,
    "objects written": 8.0,
    "log bytes": 10_000.0,
}
RUNS = {"http-standard": COUNTS, "rest-express": COUNTS}
REFERENCE = {"api requests": 1.0, "functions on the path": 6.0, "state transitions": 7.0}


def stack(*blocks: str, name: str = "dev") -> Stack:
    return Stack.read(stack_file("aws", *blocks, name=name))


@pytest.fixture
def prices() -> Prices:
    return easy_prices("aws")


def said(counted: Mapping[str, Any], of: Stack) -> list[str]:
    sources = Sources(
        prices=listed_prices("aws"),
        reference={"calls": REFERENCE, "counted": "by hand"},
        counted={"counted": {"events": "one by one"}, **counted},
    )
    return list(report(AwsBill.of(of.file, sources), orders=10))


def billed(prices: Prices, of: Stack, counts: Mapping[str, float] = COUNTS) -> dict[str, float]:
    return {line.what: line.units for line in whole(prices, counts, of)}


def fixed(prices: Prices, of: Stack) -> dict[str, tuple[float, float]]:
    return {line.what: (line.least, line.most) for line in monthly(prices, of)}


def test_the_path_of_an_order_has_its_gateway_functions_event_message_and_workflow(prices: Prices) -> None:
    gateway, event, message = 1, 1, 3
    functions = (1 + 0.5) * (BEFORE_THE_WORKFLOW + COUNTS["workflow tasks"])
    before_the_runs = gateway + functions + event + message
    assert total(path(prices, COUNTS, stack(), durability="standard")) == before_the_runs + 7
    assert total(path(prices, COUNTS, stack(), durability="express")) == before_the_runs + 2


def test_the_references_path_has_a_function_for_each_state(prices: Prices) -> None:
    assert total(reference_path(prices, REFERENCE, stack())) == 1 + 1.5 * 6 + 7


def test_the_whole_bill_has_all_that_was_counted(prices: Prices) -> None:
    lines = billed(prices, stack())
    assert lines["sqs request"] == 33
    assert lines["log gb"] == pytest.approx(1e-5)
    for what in set(COUNTED) - {"workflow tasks"}:
        more = billed(prices, stack(), {**COUNTS, what: COUNTS[what] + 1})
        assert more != lines, f"{what} is counted and never priced"


def test_a_rest_api_is_priced_as_one_with_its_firewall_unless_that_is_off(prices: Prices) -> None:
    http = billed(prices, stack())
    assert "http api request" in http
    assert not {"rest api request", "firewall request"} & set(http)
    rest = stack("aws: {api_kind: rest}")
    assert {"rest api request", "firewall request"} <= set(billed(prices, rest))
    assert fixed(prices, rest)["firewall and its rules"] == (1 + len(_firewall.MANAGED) + 1,) * 2
    bare = stack("aws: {api_kind: rest, waf: false}")
    assert "firewall request" not in billed(prices, bare)
    assert "firewall and its rules" not in fixed(prices, bare)


def test_functions_are_priced_by_their_memory(prices: Prices) -> None:
    small, large = billed(prices, stack()), billed(prices, stack("functions: {memory_mb: 2048}"))
    assert small["lambda arm64 gb-second"] == 20 * 0.5
    assert large["lambda arm64 gb-second"] == 20 * 2


def test_instances_kept_ready_cost_by_the_month_and_make_the_apis_calls_cheaper(prices: Prices) -> None:
    prod = stack(name="prod")
    assert fixed(prices, prod)["instances of the API kept ready"] == (10 * 0.5 * SECONDS, 20 * 0.5 * SECONDS)
    assert billed(prices, prod)["lambda ready gb-second at work"] == 0.5
    assert billed(prices, prod)["lambda arm64 gb-second"] == 19 * 0.5
    bounded = stack("aws: {provisioned_maximum: 12}", name="prod")
    assert fixed(prices, bounded)["instances of the API kept ready"][1] == 12 * 0.5 * SECONDS
    assert "instances of the API kept ready" not in fixed(prices, stack("aws: {cold_start: none}", name="prod"))


def test_snapshots_cost_by_the_month_for_each_function_that_a_caller_waits_for(prices: Prices) -> None:
    ours = stack("aws: {cold_start: snapstart}", "functions: {memory_mb: 2048}", name="prod")
    assert fixed(prices, ours)["snapshots, without resuming"] == ((2 + 0.5) * SECONDS,) * 2
    another = "{issuer: 'https://login.example/', audience: orders, keys_url: 'https://login.example/keys'}"
    foreign = stack("aws: {cold_start: snapstart}", f"api: {{token: {another}}}")
    assert fixed(prices, foreign)["snapshots, without resuming"] == (0.5 * SECONDS,) * 2


def test_provisioned_capacity_costs_by_the_month_and_no_order_costs_units(prices: Prices) -> None:
    provisioned = stack("aws: {database_capacity: {minimum: 10, maximum: 50}}")
    assert fixed(prices, provisioned)["capacity of the database"] == (3 * 2 * 10 * HOURS, 3 * 2 * 50 * HOURS)
    assert not [what for what in billed(prices, provisioned) if what.startswith("dynamodb")]
    assert "capacity of the database" not in fixed(prices, stack())


def test_what_is_fixed_is_as_large_as_the_components_make_it() -> None:
    assert len(_firewall.MANAGED) + 1 == by_the_month.FIREWALL_RULES
    assert len(INDEXES) + 1 == by_the_month.SCALED_TABLES
    assert {issuer.TRIGGER_MEMORY_MB, api.VERIFIER_MEMORY_MB} == {by_the_month.OTHER_GB * 1024}


def test_the_settings_that_were_priced_are_shown_with_who_said_so() -> None:
    told = {setting: (value, by) for setting, value, by in stack("workflow: {durability: express}", name="prod").told()}
    assert told["workflow.durability"] == ("express", "as written")
    assert told["functions.memory_mb"] == (512, "by default")
    assert told["functions.warm_instances"] == (10, "by default")
    assert told["stage"] == ("prod", "by the stack's name")
    assert any("aws.api_kind" in line and "by default" in line for line in said(RUNS, stack()))


def test_a_stack_of_another_target_is_priced_as_if_it_were_on_aws() -> None:
    local = Stack.read(stack_file("local", "workflow: {durability: express}", name="local"))
    assert local.durability == "express"
    assert any("its target is local" in line for line in said(RUNS, local))


def test_the_report_says_where_prices_and_counts_are_from() -> None:
    lines = said(RUNS, stack("aws: {region: eu-central-1}"))
    found = listed_prices("aws")
    assert any(found["dated"] in line and found["source"] in line for line in lines)
    assert any(line.strip() == "events: one by one" for line in lines)
    assert any("higher in eu-central-1" in line for line in lines)
    assert all(any(each["because"] in line for line in lines) for each in found["assumed"].values())


def test_what_an_http_api_gives_up_stands_next_to_what_it_saves() -> None:
    standard, express = said(RUNS, stack())[2:4]
    assert "firewall" in standard
    assert "firewall" in express
    assert not any("gives up" in line and "firewall" in line for line in said(RUNS, stack("aws: {api_kind: rest}")))


def test_a_bar_that_is_missed_is_said_so_with_the_reason() -> None:
    lines = said({**RUNS, "http-standard": {**COUNTS, "state transitions": 1000.0}, "rest-express": COUNTS}, stack())
    assert lines[-2].startswith("met: express is ")
    assert lines[-1].startswith("MISSED: standard costs ")
    assert "1000 transitions where that has 7; 5 of ours call a function" in lines[-1]


def test_a_wrong_setting_is_said_in_one_line() -> None:
    with pytest.raises(ConfigError, match=r"^orderly:aws\.api_kind: .*allowed is http or rest"):
        stack("aws: {api_kind: soap}")


def test_what_was_not_counted_is_told_by_run() -> None:
    older = {kind: {what: count for what, count in COUNTS.items() if what != "queue requests"} for kind in RUNS}
    assert list(AwsBill.uncounted(older)) == ["queue requests of http-standard", "queue requests of rest-express"]
    assert list(AwsBill.uncounted(RUNS)) == []
