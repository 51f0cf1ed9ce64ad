"""What an order costs on Google Cloud, from counts and prices that are easy to reckon with."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from benchmarks.cost.bill import Sources
from benchmarks.cost.gcp.bill import GcpBill
from benchmarks.cost.gcp.monthly import ALARMS, SCHEDULED_JOBS, monthly
from benchmarks.cost.gcp.pricing import BYTES_IN_A_GIB, COUNTED, path, reference_path, whole
from benchmarks.cost.gcp.stack import Stack
from benchmarks.cost.lines import HOURS, MINUTES, SECONDS, Prices, total
from benchmarks.cost.report import report
from components.errors import ConfigError
from tests.unit.gcp.breaking import built
from tests.unit.tools.cost.easy import easy_prices, listed_prices, stack_file

COUNTS: Mapping[str, float] = {
    "api requests": 1.0,
    "api calls": 2.0,
    "queue calls": 10.0,
    "other calls": 20.0,
    "workflow tasks": 7.0,
    "internal workflow steps": 88.0,
    "external workflow steps": 3.0,
    "feed bytes": 16_000.0,
    "message bytes": 40_000.0,
    "documents read": 30.0,
    "documents written": 45.0,
    "documents that expire": 2.0,
    "objects written": 8.0,
    "log bytes": 10_000.0,
}
REFERENCE = {"api requests": 1.0, "functions on the path": 6.0, "workflow steps": 7.0}
BALANCED = "gcp: {project: my-project, region: europe-west1, api_kind: load_balancer, domain: api.shop.example}"
DIRECT = "gcp: {project: my-project, region: europe-west1, api_kind: direct}"
ISSUER = "api: {token: {issuer: 'https://login.example/', audience: orders, keys_url: 'https://login.example/keys'}}"
PARTNERS = (
    "payments: {url: https://pay.example, api_key: {secure: v1:abc}}",
    "notification: {webhook_url: https://ops.example, webhook_secret: {secure: v1:abc}}",
)
A_PART = 0.333
"""Of a processor, by default, of what is no queue's and not the API."""


def stack(*blocks: str, name: str = "dev") -> Stack:
    return Stack.read(stack_file("gcp", *blocks, name=name))


@pytest.fixture
def prices() -> Prices:
    return easy_prices("gcp")


def said(of: Stack, **counts: float) -> list[str]:
    sources = Sources(
        prices=listed_prices("gcp"),
        reference={"calls": REFERENCE, "counted": "by hand"},
        counted={"counted": {"feed bytes": "one by one"}, "gateway": {**COUNTS, **counts}},
    )
    return list(report(GcpBill.of(of.file, sources), orders=10))


def billed(prices: Prices, of: Stack, counts: Mapping[str, float] = COUNTS) -> dict[str, float]:
    return {line.what: line.units for line in whole(prices, counts, of)}


def fixed(prices: Prices, of: Stack) -> dict[str, float]:
    return {line.what: line.least for line in monthly(prices, of)}


def test_the_path_of_an_order_has_its_gateway_functions_event_message_and_workflow(prices: Prices) -> None:
    gateway, requests, memory = 1, 1 + 1 + 8, 0.5 * (1 + 1 + 8)
    processors = 1 + 1 + 8 * A_PART
    messages, steps = 4 * 1000, 88 + 3
    assert total(path(prices, COUNTS, stack())) == pytest.approx(
        gateway + requests + processors + memory + messages + steps
    )


def test_the_references_path_has_a_function_and_a_step_for_each_state(prices: Prices) -> None:
    assert total(reference_path(prices, REFERENCE, stack())) == pytest.approx(1 + 6 * (1 + A_PART + 0.5) + 7)


def test_the_whole_bill_has_all_that_was_counted(prices: Prices) -> None:
    lines = billed(prices, stack())
    assert lines["function request"] == 32
    assert lines["message byte"] == 56_000
    assert lines["document delete"] == 2
    for what in set(COUNTED) - {"workflow tasks"}:
        more = billed(prices, stack(), {**COUNTS, what: COUNTS[what] + 1})
        assert more != lines, f"{what} is counted and never priced"


def test_logs_are_those_of_functions_and_an_entry_of_cloud_runs_own_for_each_call(prices: Prices) -> None:
    assert billed(prices, stack())["log gib"] == pytest.approx((10_000 + 32) / BYTES_IN_A_GIB)


@pytest.mark.parametrize(("assumed", "seconds"), [(0.05, 0.1), (0.1, 0.1), (0.1001, 0.2), (1.0, 1.0)])
def test_each_call_is_billed_by_tenths_of_a_second(assumed: float, seconds: float, prices: Prices) -> None:
    measured = Prices(listed=prices.listed, assumed={**prices.assumed, "function_seconds": {"value": assumed}})
    assert billed(measured, stack())["gib-second"] == pytest.approx(32 * 0.5 * seconds)


def test_functions_are_priced_by_their_memory_and_the_processor_that_comes_with_it(prices: Prices) -> None:
    small, large = billed(prices, stack()), billed(prices, stack("functions: {memory_mb: 4096}"))
    assert small["vcpu-second"] == pytest.approx(2 + 10 + 20 * A_PART)
    assert (large["vcpu-second"], large["gib-second"]) == (32 * 2, 32 * 4)
    alone = stack("gcp: {project: my-project, region: europe-west1, concurrency: 1}")
    assert billed(prices, alone)["vcpu-second"] == pytest.approx(2 * A_PART + 10 + 20 * A_PART)


def test_processors_are_those_that_functions_are_deployed_with(prices: Prices) -> None:
    """`queue calls` are of those that others wait at, `other calls` of those that say nothing of a processor."""
    for form, of in {"dev": stack(), "slow": stack("functions: {memory_mb: 4096}")}.items():
        found = {
            each.name: each.inputs["serviceConfig"] for each in built(form) if each.kind == "cloudfunctionsv2.Function"
        }
        consumers = {name for name in found if found[name]["maxInstanceRequestConcurrency"] > 1} - {"api"}
        assert {float(found[name]["availableCpu"]) for name in consumers} == {of.queue_cpus}
        assert float(found["api"]["availableCpu"]) == of.api_cpus
        assert not [name for name in set(found) - consumers - {"api"} if "availableCpu" in found[name]]


def test_what_answers_is_priced_as_what_it_is(prices: Prices) -> None:
    assert billed(prices, stack())["gateway call"] == 1
    balanced, direct = (stack(kind, ISSUER) for kind in (BALANCED, DIRECT))
    assert billed(prices, balanced)["balanced gib"] == 1 / BYTES_IN_A_GIB
    assert fixed(prices, balanced)["load balancer"] == HOURS
    assert not {"gateway call", "balanced gib"} & set(billed(prices, direct))
    assert "load balancer" not in fixed(prices, direct)


def test_a_database_in_several_regions_has_prices_of_its_own(prices: Prices) -> None:
    spread = stack("gcp: {project: my-project, region: europe-west1, firestore_location: eur3}", ISSUER)
    assert billed(prices, spread)["document write, several regions"] == 45
    assert "document write" not in billed(prices, spread)
    elsewhere = stack("gcp: {project: my-project, region: europe-west1, firestore_location: europe-west4}", ISSUER)
    assert billed(prices, elsewhere)["document write"] == 45


def test_instances_kept_ready_cost_by_the_month(prices: Prices) -> None:
    assert fixed(prices, stack(name="prod"))["instances of the API kept ready"] == 10 * (1 + 0.5) * SECONDS
    assert "instances of the API kept ready" not in fixed(prices, stack())


def test_each_secret_costs_by_the_month(prices: Prices) -> None:
    assert fixed(prices, stack(*PARTNERS))["secrets, one version each"] == len(PARTNERS)
    assert "secrets, one version each" not in fixed(prices, stack())


def test_what_is_fixed_is_as_large_as_the_components_make_it(prices: Prices) -> None:
    for form, kind in {"partners": "gateway", "load-balancer": "load_balancer", "direct": "direct"}.items():
        policies = [each for each in built(form) if each.kind == "monitoring.AlertPolicy"]
        assert sum(len(each.inputs["conditions"]) for each in policies) == ALARMS[kind], form
    assert len([each for each in built("dev") if each.kind == "cloudscheduler.Job"]) == SCHEDULED_JOBS
    assert len([each for each in built("partners") if each.kind == "secretmanager.SecretVersion"]) == len(PARTNERS)
    assert len([each for each in built("load-balancer") if each.kind == "compute.GlobalForwardingRule"]) == 1
    alarms = fixed(prices, stack())["conditions of alarms, and looking at them"]
    assert alarms == ALARMS["gateway"] * (1 + MINUTES)


def test_the_settings_that_were_priced_are_shown_with_who_said_so() -> None:
    told = {setting: (value, by) for setting, value, by in stack(DIRECT, ISSUER, name="prod").told()}
    assert told["gcp.api_kind"] == ("direct", "as written")
    assert told["gcp.firestore_location"] == ("europe-west1", "by default")
    assert told["functions.warm_instances"] == (10, "by default")
    assert told["stage"] == ("prod", "by the stack's name")
    assert any("gcp.concurrency" in line and "by default" in line for line in said(stack()))


def test_a_stack_of_another_target_needs_no_project_and_no_issuer_to_be_priced() -> None:
    elsewhere = Stack.read(stack_file("aws", "aws: {region: eu-west-1}", "api: {rate_per_second: 5}"))
    assert elsewhere.config.api.rate_per_second == 5
    assert any("its target is aws: it is priced as if that were gcp" in line for line in said(elsewhere))


def test_the_report_says_where_prices_and_counts_are_from() -> None:
    lines = said(stack(DIRECT, ISSUER))
    found = listed_prices("gcp")
    assert any(found["dated"] in line and found["source"] in line for line in lines)
    assert any(line.strip() == "feed bytes: one by one" for line in lines)
    assert any("higher in europe-west1" in line for line in lines)
    assert all(any(each["because"] in line for line in lines) for each in found["assumed"].values())


def test_a_bar_that_is_missed_is_said_so_with_the_reason() -> None:
    missed = said(stack())[-1]
    assert missed.startswith("MISSED: the workflow's path costs ")
    assert "91 billed steps where that has 7; 7 of ours call a function" in missed
    few = {"internal workflow steps": 1.0, "external workflow steps": 0.0}
    assert said(stack(), **few)[-1].startswith("met: ")


def test_a_wrong_setting_is_said_in_one_line() -> None:
    with pytest.raises(ConfigError, match=r"^orderly:gcp\.api_kind: .*allowed is gateway"):
        stack("gcp: {project: my-project, region: europe-west1, api_kind: soap}")


def test_what_was_not_counted_is_told() -> None:
    older = {"gateway": {what: count for what, count in COUNTS.items() if what != "feed bytes"}}
    assert list(GcpBill.uncounted(older)) == ["feed bytes of gateway"]
    assert list(GcpBill.uncounted({"gateway": COUNTS})) == []
