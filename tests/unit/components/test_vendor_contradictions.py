"""Settings of the block `aws` that cannot be together, each with the one line that its author gets."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from components.config import OrderSystemConfig
from components.errors import ConfigError
from components.platform_blocks import FunctionName
from components.vendor_contradictions import CONSUMERS
from tests.graph import build, config

WRONG: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (
        {"waf": True},
        {},
        "aws.waf: true is not allowed; allowed is false with aws.api_kind http (an HTTP API cannot have one); "
        "leave it out, or set aws.api_kind to rest",
    ),
    (
        {"api_keys": True},
        {},
        "aws.api_keys: true is not allowed; allowed is false with aws.api_kind http (an HTTP API knows no keys); "
        "leave it out, or set aws.api_kind to rest",
    ),
    (
        {"cold_start": "snapstart"},
        {"functions": {"warm_instances": 3}},
        "aws.cold_start: snapstart is not allowed; allowed is none or provisioned with functions.warm_instances 3 "
        "(SnapStart and provisioned concurrency exclude each other); "
        "leave functions.warm_instances out, or choose provisioned",
    ),
    (
        {"cold_start": "provisioned"},
        {},
        "aws.cold_start: provisioned is not allowed; allowed is none or snapstart while functions.warm_instances is 0; "
        "set functions.warm_instances to how many are to be kept ready",
    ),
    (
        {"provisioned_maximum": 4},
        {"stage": "prod"},
        "aws.provisioned_maximum: 4 is not allowed; allowed is 10 to 1000 "
        "(10 instances are kept ready from the start); raise it, or lower functions.warm_instances",
    ),
    (
        {"database_capacity": {"minimum": 9, "maximum": 3}},
        {},
        "aws.database_capacity.maximum: 3 is not allowed; allowed is 9 (its minimum) to 40000; "
        "raise it, or lower the minimum",
    ),
    (
        {"reserved_concurrency": {"api": 500, "relay": 401}},
        {},
        "aws.reserved_concurrency: 901 in all is not allowed; allowed is 0 to 900 in all (Lambda keeps 100 of "
        "aws.account_concurrency 1000 unreserved); lower them, or raise aws.account_concurrency to the account's quota",
    ),
    (
        {"reserved_concurrency": {"api": 1}, "account_concurrency": 10},
        {},
        "aws.reserved_concurrency: 1 in all is not allowed; allowed is 0 to 0 in all (Lambda keeps 100 of "
        "aws.account_concurrency 10 unreserved); lower them, or raise aws.account_concurrency to the account's quota",
    ),
    (
        {"reserved_concurrency": {"api": 19}},
        {"stage": "prod"},
        "aws.reserved_concurrency.api: 19 is not allowed; allowed is 20 to 10000 (functions.warm_instances is 10, "
        "and twice as many are kept ready under load); raise it, or lower functions.warm_instances",
    ),
    (
        {"reserved_concurrency": {"fulfil": 9}},
        {},
        "aws.reserved_concurrency.fulfil: 9 is not allowed; allowed is 10 to 10000 (queues.max_concurrency is 10 for "
        "its queue); raise it, or lower queues.max_concurrency",
    ),
    (
        {"reserved_concurrency": {"billing": 9}},
        {},
        "aws.reserved_concurrency.billing: 9 is not allowed; allowed is 1 to 10000 for functions of the system, and "
        "together account_concurrency less 100 (Lambda keeps 100 of the account unreserved); "
        "lower them, or raise account_concurrency to the account's quota",
    ),
    (
        {"region": "us-gov-west-1"},
        {},
        "aws.region: us-gov-west-1 is not allowed; allowed is a region of AWS's public partition, as in eu-central-1; "
        "correct it; China, GovCloud and the sovereign clouds name their services otherwise",
    ),
]


@pytest.mark.parametrize(("block", "rest", "line"), WRONG, ids=[line.partition(";")[0] for _, _, line in WRONG])
def test_a_wrong_pair_gets_one_line_that_says_what_to_do(
    block: dict[str, Any], rest: dict[str, Any], line: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        OrderSystemConfig.parse({"stage": "dev", "target": "aws", "aws": {"region": "eu-central-1", **block}, **rest})
    assert str(refused.value).splitlines() == [f"orderly:{line}"]


def test_another_target_may_have_a_block_that_aws_would_refuse() -> None:
    block = {"region": "eu-central-1", "waf": True}
    assert OrderSystemConfig.parse({"stage": "dev", "target": "local", "aws": block}).aws is not None


def test_concurrency_can_be_reserved_for_exactly_the_functions_that_a_system_has() -> None:
    made = {
        found.name
        for target in ("local", "aws")
        for found in build(config(target))
        if found.type == f"orderly:{target}:Function" and found.parent.endswith("OrderSystem::orderly")
    }
    notified = {"notify-ops"}
    assert set(get_args(FunctionName)) == made | notified


def test_each_function_is_known_to_consume_the_queue_that_it_does() -> None:
    graph = build(config("local"))
    consumed = {each.inputs["function"]: each.inputs["queue"] for each in graph.of("Consumer").values()}
    assert consumed.items() >= CONSUMERS.items()
