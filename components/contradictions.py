"""Settings that are sound one by one and cannot be together, or not on this target."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from components.capabilities import refusals
from components.errors import Problem
from components.settings import duration_text, either
from components.system_settings import SystemSettings
from components.targets import existing
from components.vendor_contradictions import vendor_contradictions


def contradictions(config: SystemSettings) -> Iterator[Problem]:
    yield from _threshold_out_of_reach(config)
    yield from _redelivered_while_running(config)
    if config.target in existing():
        yield from refusals(config)
        yield from vendor_contradictions(config)
    else:
        yield _no_such_target(config.target)


def _threshold_out_of_reach(config: SystemSettings) -> Iterator[Problem]:
    orders = config.orders
    if orders.high_value_threshold_minor > orders.max_total_minor:
        yield Problem(
            path="orders.high_value_threshold_minor",
            what=f"{orders.high_value_threshold_minor} is not allowed",
            allowed=f"allowed is 1 to {orders.max_total_minor} (orders.max_total_minor)",
            fix="lower it, or raise orders.max_total_minor",
            involves=frozenset({"orders.high_value_threshold_minor", "orders.max_total_minor"}),
        )


def _redelivered_while_running(config: SystemSettings) -> Iterator[Problem]:
    timeout, queues = config.functions.timeout, config.queues
    for path, visibility in (
        ("queues.visibility_timeout", queues.visibility_timeout),
        ("queues.fulfilment.visibility_timeout", queues.fulfilment.visibility_timeout),
    ):
        if visibility is not None and visibility <= timeout:
            yield Problem(
                path="functions.timeout",
                what=f"{duration_text(timeout)} is not allowed",
                allowed=(
                    f"allowed is 1s to {duration_text(visibility - timedelta(seconds=1))} ({path}: a message comes "
                    f"again after {duration_text(visibility)})"
                ),
                fix=f"shorten it, or lengthen {path}",
                involves=frozenset({"functions.timeout", path}),
            )


def _no_such_target(name: str) -> Problem:
    return Problem(
        path="target",
        what=f"{name} is not allowed",
        allowed=f"allowed is {either(existing())} ({name} is not built yet)",
        fix="set it with: pulumi config set target local",
        involves=frozenset({"target"}),
    )
