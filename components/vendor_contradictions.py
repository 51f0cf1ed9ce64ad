"""Settings of one target's own block that cannot be together with each other, or with the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from components.azure_contradictions import AZURE_CHECKS
from components.errors import Problem
from components.gcp_contradictions import GCP_CHECKS
from components.shared_contradictions import fewer_than_are_kept_warm, secret_that_fits_no_header, webhook_in_plain_text
from components.system_settings import SystemSettings
from components.targets import TargetName
from components.vendor_blocks import AwsConfig

UNRESERVED = 100
"""Concurrent executions that Lambda keeps back from reservations."""
HEADER_VALUE = re.compile(r"[^\x00-\x1F:\x7F]{1,512}")
"""What an EventBridge connection takes for the value of a header (botocore's service model)."""
CONSUMERS = {
    "fulfil": "fulfilment",
    "project-demand": "inventory",
    "notify-customer": "notifications",
    "archive-events": "analytics",
}
"""By function the queue that it consumes."""


def vendor_contradictions(config: SystemSettings) -> Iterator[Problem]:
    """What the target's own block asks for and cannot have."""
    for check in CHECKS.get(config.target, ()):
        yield from check(config)


def _firewall_without_rest(config: SystemSettings) -> Iterator[Problem]:
    aws = config.aws
    if aws and aws.waf and aws.api_kind == "http":
        yield Problem(
            path="aws.waf",
            what="true is not allowed",
            allowed="allowed is false with aws.api_kind http (an HTTP API cannot have one)",
            fix="leave it out, or set aws.api_kind to rest",
            involves=frozenset({"aws.waf", "aws.api_kind"}),
        )


def _webhook_in_plain_text(config: SystemSettings) -> Iterator[Problem]:
    yield from webhook_in_plain_text(config, cloud="AWS", because="EventBridge posts over TLS only")


def _secret_that_fits_no_header(config: SystemSettings) -> Iterator[Problem]:
    allowed = "1 to 512 characters without colons and line breaks (EventBridge posts it in a header)"
    yield from secret_that_fits_no_header(config, HEADER_VALUE, allowed=allowed)


def _keys_without_rest(config: SystemSettings) -> Iterator[Problem]:
    aws = config.aws
    if aws and aws.api_keys and aws.api_kind == "http":
        yield Problem(
            path="aws.api_keys",
            what="true is not allowed",
            allowed="allowed is false with aws.api_kind http (an HTTP API knows no keys)",
            fix="leave it out, or set aws.api_kind to rest",
            involves=frozenset({"aws.api_keys", "aws.api_kind"}),
        )


def _snapshot_and_warm(config: SystemSettings) -> Iterator[Problem]:
    if config.aws and config.aws.cold_start == "snapstart" and config.functions.warm_instances:
        yield Problem(
            path="aws.cold_start",
            what="snapstart is not allowed",
            allowed=(
                f"allowed is none or provisioned with functions.warm_instances {config.functions.warm_instances} "
                "(SnapStart and provisioned concurrency exclude each other)"
            ),
            fix="leave functions.warm_instances out, or choose provisioned",
            involves=frozenset({"aws.cold_start", "functions.warm_instances"}),
        )


def _provisioned_of_nothing(config: SystemSettings) -> Iterator[Problem]:
    if config.aws and config.aws.cold_start == "provisioned" and not config.profile.warm_instances:
        yield Problem(
            path="aws.cold_start",
            what="provisioned is not allowed",
            allowed="allowed is none or snapstart while functions.warm_instances is 0",
            fix="set functions.warm_instances to how many are to be kept ready",
            involves=frozenset({"aws.cold_start", "functions.warm_instances"}),
        )


def _grows_below_its_start(config: SystemSettings) -> Iterator[Problem]:
    maximum = config.aws.provisioned_maximum if config.aws else None
    yield from fewer_than_are_kept_warm(config, "aws.provisioned_maximum", maximum)


def _shrinks(config: SystemSettings) -> Iterator[Problem]:
    capacity = config.aws.database_capacity if config.aws else None
    if capacity and capacity.maximum < capacity.minimum:
        yield Problem(
            path="aws.database_capacity.maximum",
            what=f"{capacity.maximum} is not allowed",
            allowed=f"allowed is {capacity.minimum} (its minimum) to 40000",
            fix="raise it, or lower the minimum",
            involves=frozenset({"aws.database_capacity"}),
        )


def _more_reserved_than_there_is(config: SystemSettings) -> Iterator[Problem]:
    aws = config.aws
    reserved = sum(aws.reserved_concurrency.values()) if aws else 0
    if aws and reserved > max(aws.account_concurrency - UNRESERVED, 0):
        yield Problem(
            path="aws.reserved_concurrency",
            what=f"{reserved} in all is not allowed",
            allowed=(
                f"allowed is 0 to {max(aws.account_concurrency - UNRESERVED, 0)} in all (Lambda keeps {UNRESERVED} of "
                f"aws.account_concurrency {aws.account_concurrency} unreserved)"
            ),
            fix="lower them, or raise aws.account_concurrency to the account's quota",
            involves=frozenset({"aws.reserved_concurrency", "aws.account_concurrency"}),
        )


def _less_reserved_than_needed(config: SystemSettings) -> Iterator[Problem]:
    """Below what is kept ready Lambda refuses it; below what a queue's poller starts, throttles use up deliveries."""
    for function, reserved in (config.aws.reserved_concurrency if config.aws else {}).items():
        needed, because = _needed(config, config.aws, function)
        if reserved < needed:
            yield Problem(
                path=f"aws.reserved_concurrency.{function}",
                what=f"{reserved} is not allowed",
                allowed=f"allowed is {needed} to 10000 ({because})",
                fix=f"raise it, or lower {because.partition(' ')[0]}",
                involves=frozenset({"aws.reserved_concurrency", because.partition(" ")[0]}),
            )


def _needed(config: SystemSettings, aws: AwsConfig | None, function: str) -> tuple[int, str]:
    if function == "api" and aws:
        warm = config.profile.warm_instances if aws.cold_start in (None, "provisioned") else 0
        if warm and aws.provisioned_maximum:
            return aws.provisioned_maximum, f"aws.provisioned_maximum is {aws.provisioned_maximum}"
        return 2 * warm, f"functions.warm_instances is {warm}, and twice as many are kept ready under load"
    if function in CONSUMERS:
        at_once = config.queues.of(CONSUMERS[function]).max_concurrency
        return at_once, f"queues.max_concurrency is {at_once} for its queue"
    return 0, ""


CHECKS: Mapping[TargetName, tuple[Callable[[SystemSettings], Iterator[Problem]], ...]] = {
    "aws": (
        _firewall_without_rest,
        _keys_without_rest,
        _webhook_in_plain_text,
        _secret_that_fits_no_header,
        _snapshot_and_warm,
        _provisioned_of_nothing,
        _grows_below_its_start,
        _shrinks,
        _more_reserved_than_there_is,
        _less_reserved_than_needed,
    ),
    "gcp": GCP_CHECKS,
    "azure": AZURE_CHECKS,
}
