"""The notification's promise: operators hear of each order above the threshold."""

from __future__ import annotations

from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Deliveries, Reading
from tests.readings import READINGS


def test_an_order_above_the_threshold_reaches_the_webhook(target: TargetName, read: Reading) -> None:
    webhook = {"webhook_url": "https://ops.example/hook", "webhook_secret": "word"}
    graph = build(config(target, orders={"high_value_threshold_minor": 99}, notification=webhook))
    assert read.rules(graph)["high-value"].above == 99
    assert read.webhook(graph) == "https://ops.example/hook"


def test_without_a_webhook_nothing_has_an_address_to_post_to(target: TargetName, read: Reading) -> None:
    assert read.webhook(build(config(target))) is None


def test_where_a_function_delivers_a_queue_feeds_it() -> None:
    graph = build(config("local"))
    assert READINGS["local"].deliveries(graph, "ops-notification") == Deliveries(function="notify-ops", at_once=10)
