"""What an order costs on Azure, from counts and prices that are easy to reckon with."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.cost.azure.bill import AzureBill
from benchmarks.cost.azure.monthly import LOG_ALERTS, METRIC_ALERTS, monthly
from benchmarks.cost.azure.pricing import COUNTED, path, reference_path, whole
from benchmarks.cost.azure.stack import Stack
from benchmarks.cost.bill import Sources
from benchmarks.cost.lines import HOURS, MINUTES, SECONDS, Prices, total
from benchmarks.cost.report import report
from components.azure._ops_message import Signer, definition
from components.errors import ConfigError
from functions.adapters.azure.layout import LEASES
from functions.entrypoints.azure.handlers import app_of
from tests.unit.azure.breaking import built
from tests.unit.tools.cost.easy import easy_prices, listed_prices, stack_file

COUNTS: Mapping[str, float] = {
    "api requests": 1.0,
    "relay calls": 8.0,
    "queue calls": 11.0,
    "runs": 1.0,
    "task calls": 7.0,
    "activities": 7.0,
    "episodes": 13.0,
    "messages of runs": 21.0,
    "event operations": 18.0,
    "message operations": 41.0,
    "request units": 480.0,
    "blobs written": 8.0,
    "log lines": 40.0,
    "log bytes": 10_000.0,
}
CALLS = 1 + 8 + 11 + 1 + 7 + 7 + 13
REFERENCE = {"api requests": 1.0, "activities": 6.0, "episodes": 7.0, "messages of runs": 13.0, "runs": 1.0}
SIGNER = Signer(identity="somebody", vault="a-vault", secret="a-secret")  # noqa: S106 a secret's name
ID = "00000000-0000-0000-0000-000000000000"
BLOCK = f"subscription: {ID}, tenant_id: {ID}, application_id: {ID}, location: westeurope"
ISSUER = "api: {token: {issuer: 'https://login.example/', audience: orders, keys_url: 'https://login.example/keys'}}"
PARTNERS = (
    "payments: {url: https://pay.example, api_key: {secure: v1:abc}}",
    "notification: {webhook_url: https://ops.example, webhook_secret: {secure: v1:abc}}",
)


def block(more: str) -> str:
    return f"azure: {{{BLOCK}, alarm_email: ops@shop.example, {more}}}"


BASIC, DIRECT = block("api_kind: basic"), block("api_kind: direct")
SCALED, SCHEDULED = block("database_capacity: 4000"), block("durable_backend: scheduler")


def stack(*blocks: str, name: str = "dev") -> Stack:
    return Stack.read(stack_file("azure", *blocks, name=name))


@pytest.fixture
def prices() -> Prices:
    return easy_prices("azure")


def assuming(prices: Prices, **values: float) -> Prices:
    changed = {name: {"value": value} for name, value in values.items()}
    return Prices(listed=prices.listed, assumed={**prices.assumed, **changed})


def said(of: Stack, **counts: float) -> list[str]:
    sources = Sources(
        prices=listed_prices("azure"),
        reference={"calls": REFERENCE, "counted": "by hand"},
        counted={"counted": {"runs": "one by one"}, "consumption": {**COUNTS, **counts}},
    )
    return list(report(AzureBill.of(of.file, sources), orders=10))


def billed(prices: Prices, of: Stack, counts: Mapping[str, float] = COUNTS) -> dict[str, float]:
    return {line.what: line.units for line in whole(prices, counts, of)}


def fixed(prices: Prices, of: Stack) -> dict[str, tuple[float, float]]:
    return {line.what: (line.least, line.most) for line in monthly(prices, of)}


def test_the_path_of_an_order_has_its_gateway_functions_event_message_and_workflow(prices: Prices) -> None:
    calls = 1 + 2 + 1 + 7 + 7 + 13
    gateway, executions, instances, event, message = 1, calls, calls * 0.5, 2, 4
    queues, tables = 3 * 21, 3 * 13 + 3
    expected = gateway + executions + instances + event + message + queues + tables
    assert total(path(prices, COUNTS, stack())) == pytest.approx(expected)


def test_the_references_path_has_a_function_and_a_workflow_with_its_activities(prices: Prices) -> None:
    calls = 1 + 6 + 7
    histories = 3 * 13 + 3 * 7 + 3
    assert total(reference_path(prices, REFERENCE, stack())) == pytest.approx(calls * 1.5 + histories)


def test_the_whole_bill_has_all_that_was_counted(prices: Prices) -> None:
    lines = billed(prices, stack())
    assert lines["execution"] == CALLS
    assert lines["message operation"] == 41
    for what in COUNTED:
        more = billed(prices, stack(), {**COUNTS, what: COUNTS[what] + 1})
        assert more != lines, f"{what} is counted and never priced"


def test_a_call_is_billed_for_a_second_and_what_it_did_not_work_of_it_stands_apart(prices: Prices) -> None:
    lines = billed(assuming(prices, call_seconds=0.05), stack())
    assert lines["gb-second at work"] == pytest.approx(CALLS * 0.5 * 0.05)
    assert lines["gb-second of the minimum"] == pytest.approx(CALLS * 0.5 * 0.95)


@pytest.mark.parametrize(("worked", "seconds"), [(0.05, 1.0), (1.0, 1.0), (1.01, 1.1), (1.1, 1.1), (2.34, 2.4)])
def test_what_works_longer_is_billed_by_tenths_of_a_second(worked: float, seconds: float, prices: Prices) -> None:
    lines = billed(assuming(prices, call_seconds=worked), stack())
    assert lines["gb-second at work"] + lines["gb-second of the minimum"] == pytest.approx(CALLS * 0.5 * seconds)


def test_the_minimum_is_said_with_what_shares_it() -> None:
    lines = [line.strip() for line in said(stack(block("concurrency: 10")))]
    (minimum,) = [line for line in lines if line.startswith("the minimum: ")]
    assert f"{CALLS} calls work 0.05 s each and are billed 1 s" in minimum
    assert any(
        "up to 10 calls (azure.concurrency), and where it never rests pays 0.005 s for one" in line for line in lines
    )
    assert any("one that takes a message at a time shares it with nobody, and pays 1 s" in line for line in lines)


def test_functions_are_priced_by_their_instances_memory(prices: Prices) -> None:
    large = billed(prices, stack("functions: {memory_mb: 4096}"))
    assert large["gb-second at work"] == CALLS * 4


def test_instances_kept_ready_cost_by_the_month_and_make_the_apis_calls_cheaper(prices: Prices) -> None:
    prod = stack(name="prod")
    assert fixed(prices, prod)["instances of the API kept ready"] == (10 * 0.5 * SECONDS,) * 2
    worked = billed(assuming(prices, call_seconds=0.05), prod)
    assert worked["ready gb-second at work"] == pytest.approx(0.5 * 0.05)
    assert worked["ready gb-second of the minimum"] == pytest.approx(0.5 * 0.95)
    assert worked["gb-second at work"] == pytest.approx((CALLS - 1) * 0.5 * 0.05)
    assert "instances of the API kept ready" not in fixed(prices, stack())
    assert not [what for what in billed(prices, stack()) if what.startswith("ready")]


def test_what_answers_is_priced_as_what_it_is(prices: Prices) -> None:
    assert billed(prices, stack())["gateway call"] == 1
    basic, direct = stack(BASIC, ISSUER), stack(DIRECT, ISSUER)
    assert fixed(prices, basic)["API Management, one unit"] == (1, 1)
    for other in (basic, direct):
        assert "gateway call" not in billed(prices, other)
    for other in (stack(), direct):
        assert "API Management, one unit" not in fixed(prices, other)


def test_a_database_with_capacity_costs_by_the_hour_and_no_order_costs_units(prices: Prices) -> None:
    scaled = stack(SCALED, ISSUER)
    assert fixed(prices, scaled)["capacity of the database"] == pytest.approx((0.1 * 4000 * HOURS, 4000 * HOURS))
    assert "request unit" not in billed(prices, scaled)
    assert any("whether the load fits into its capacity is not judged" in line for line in said(scaled))
    assert "capacity of the database" not in fixed(prices, stack())


def test_an_empty_change_feed_is_asked_once_a_second_and_a_queue_once_a_minute(prices: Prices) -> None:
    assert fixed(prices, stack())["asking the change feed"] == (SECONDS,) * 2
    assert "asking the change feed" not in fixed(prices, stack(SCALED, ISSUER))
    assert fixed(prices, stack())["the Logic App's look each minute"] == (MINUTES,) * 2


def test_histories_in_a_scheduler_are_left_out_and_that_is_said(prices: Prices) -> None:
    elsewhere = stack(SCHEDULED, ISSUER)
    assert not [what for what in billed(prices, elsewhere) if what.startswith("durable")]
    assert any("the scheduler is billed by the action" in line for line in said(elsewhere))
    assert not any("the scheduler is billed" in line for line in said(stack()))


def test_logs_are_the_functions_lines_and_a_record_of_each_call(prices: Prices) -> None:
    lines = billed(prices, stack())
    assert lines["log gb of lines"] == pytest.approx((10_000 + 40) / 1e9)
    assert lines["log gb of calls"] == pytest.approx(CALLS / 1e9)


def test_what_is_fixed_is_as_large_as_the_components_make_it(prices: Prices) -> None:
    for form, kind in {"partners": "consumption", "basic": "basic", "direct": "direct"}.items():
        made = [each.kind for each in built(form)]
        assert made.count("monitor.MetricAlert") == METRIC_ALERTS[kind], form
        assert made.count("monitor.ScheduledQueryRule") == LOG_ALERTS, form
        assert made.count("servicebus.Namespace") == made.count("logic.Workflow") == 1
    looked_at = [
        each.inputs["evaluationFrequency"] for each in built("dev") if each.kind == "monitor.ScheduledQueryRule"
    ]
    assert set(looked_at) == {"PT5M"}, "the price of a log's alert is that of one that looks every five minutes"
    (trigger,) = definition("q", at_once=1, signer=None)["triggers"].values()
    assert trigger["recurrence"] == {"frequency": "Minute", "interval": 1}
    assert fixed(prices, stack())["alerts"] == (METRIC_ALERTS["consumption"] + LOG_ALERTS,) * 2


def test_the_change_feed_is_asked_as_often_as_its_price_says() -> None:
    (function,) = app_of("relay").get_functions()
    (trigger,) = (binding.get_dict_repr() for binding in function.get_bindings())
    assert (trigger["feedPollDelay"], trigger["leaseContainerName"]) == (1000, LEASES)


@pytest.mark.parametrize(("signer", "blocks"), [(None, ()), (SIGNER, PARTNERS)])
def test_an_order_of_high_value_costs_its_run_of_the_logic_app(signer: Signer | None, blocks: tuple[str, ...]) -> None:
    run = definition("q", at_once=1, signer=signer)
    kinds = [each["type"] for each in (*run["triggers"].values(), *run["actions"].values())]
    listed = listed_prices("azure")["prices"]
    connectors = kinds.count("ApiConnection")
    usd = connectors * listed["connector call"]["usd"] + (len(kinds) - connectors) * listed["action"]["usd"]
    assert any(f"an order of high value costs {usd * 1e6:,.2f} a million more" in line for line in said(stack(*blocks)))


def test_the_settings_that_were_priced_are_shown_with_who_said_so() -> None:
    told = {setting: (value, by) for setting, value, by in stack(DIRECT, ISSUER, name="prod").told()}
    assert told["azure.api_kind"] == ("direct", "as written")
    assert told["azure.durable_backend"] == ("storage", "by default")
    assert told["functions.warm_instances"] == (10, "by default")
    assert told["stage"] == ("prod", "by the stack's name")


def test_a_stack_of_another_target_needs_no_subscription_and_no_issuer_to_be_priced() -> None:
    elsewhere = Stack.read(stack_file("aws", "aws: {region: eu-west-1}", "api: {rate_per_second: 5}"))
    assert elsewhere.config.api.rate_per_second == 5
    assert any("its target is aws: it is priced as if that were azure" in line for line in said(elsewhere))


def test_the_report_says_where_prices_and_counts_are_from() -> None:
    lines = said(stack(DIRECT, ISSUER))
    found = listed_prices("azure")
    assert any(found["dated"] in line and found["source"] in line for line in lines)
    assert any(line.strip() == "runs: one by one" for line in lines)
    assert any("higher in westeurope" in line for line in lines)
    assert all(any(each["because"] in line for line in lines) for each in found["assumed"].values())


def test_a_bar_that_is_missed_is_said_so_with_the_reason() -> None:
    missed = said(stack())[-1]
    assert missed.startswith("MISSED: the workflow's path costs ")
    assert "13 episodes and 7 activities where that has 7 and 6" in missed
    few = {"task calls": 0.0, "activities": 2.0, "episodes": 3.0, "messages of runs": 3.0}
    assert said(stack(), **few)[-1].startswith("met: ")


def test_a_wrong_setting_is_said_in_one_line() -> None:
    with pytest.raises(ConfigError, match=r"^orderly:azure\.api_kind: .*allowed is consumption"):
        stack(block("api_kind: soap"))


def test_what_was_not_counted_is_told() -> None:
    older = {"consumption": {what: count for what, count in COUNTS.items() if what != "episodes"}}
    assert list(AzureBill.uncounted(older)) == ["episodes of consumption"]
    assert list(AzureBill.uncounted({"consumption": COUNTS})) == []
