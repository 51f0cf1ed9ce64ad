"""Observability's promise: whatever can go wrong unseen is watched."""

from __future__ import annotations

from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading

QUEUES = {"fulfilment", "inventory", "notifications", "analytics", "ops-notification"}


def test_every_queues_dead_letters_and_age_are_watched(target: TargetName, read: Reading) -> None:
    alarms = read.alarms(build(config(target)))
    assert {resource for metric, resource in alarms if metric == "dead-letters"} == QUEUES
    assert {resource for metric, resource in alarms if metric == "queue-age-seconds"} == QUEUES


def test_every_function_is_watched(target: TargetName, read: Reading) -> None:
    graph = build(config(target))
    watched = {resource for metric, resource in read.alarms(graph) if metric == "function-errors"}
    assert watched == {found.name for found in graph if found.type == f"orderly:{target}:Function"}
    assert len(watched) == 12


def test_the_change_feed_and_the_saga_are_watched(target: TargetName, read: Reading) -> None:
    assert read.alarms(build(config(target))) >= {
        ("feed-lag", "orders"),
        ("stuck-sagas", "order"),
        ("failed-compensations", "order"),
    }
