"""Observability's promise: whatever can go wrong unseen is watched."""

from __future__ import annotations

from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading


def test_every_queues_dead_letters_and_age_are_watched(target: TargetName, read: Reading) -> None:
    graph = build(config(target))
    queues = {found.name for found in graph if found.type == f"orderly:{target}:Queue"}
    assert queues >= {"fulfilment", "inventory", "notifications", "analytics"}
    assert {resource for metric, resource in read.alarms(graph) if metric == "dead-letters"} >= queues
    assert {resource for metric, resource in read.alarms(graph) if metric == "queue-age-seconds"} == queues


def test_every_function_is_watched(target: TargetName, read: Reading) -> None:
    graph = build(config(target))
    watched = {resource for metric, resource in read.alarms(graph) if metric == "function-errors"}
    assert watched == {found.name for found in graph if found.type == f"orderly:{target}:Function"}
    assert watched >= {"api", "relay", "fulfil", "payment-tasks", "cleanup"}


def test_the_change_feed_and_the_saga_are_watched(target: TargetName, read: Reading) -> None:
    assert read.alarms(build(config(target))) >= {
        ("feed-lag", "orders"),
        ("stuck-sagas", "order"),
        ("failed-compensations", "order"),
    }
