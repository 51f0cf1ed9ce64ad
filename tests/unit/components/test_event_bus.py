"""A bus's promise: each rule copies what it matches, and nothing else."""

from __future__ import annotations

import pytest

from components.errors import WiringError
from components.event_bus import EventBus, EventBusArgs, Pattern
from components.queue import Queue
from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Reading, Route
from tests.unit.components.making import QUEUE, Make, made_alone

PLACED = frozenset({"order.placed"})


def test_a_placed_order_is_fulfilled_and_every_event_is_fanned_out(target: TargetName, read: Reading) -> None:
    assert read.rules(build(config(target, orders={"high_value_threshold_minor": 777}))) == {
        "placed": Route(to="queue/fulfilment", event_types=PLACED),
        "fan-out": Route(to="topic/order-events"),
        "high-value": Route(to=read.operators, event_types=PLACED, above=777),
    }


def test_a_rule_to_a_queue_that_nobody_reads_is_refused(target: TargetName) -> None:
    def wire(make: Make) -> None:
        make(EventBus, "facts", EventBusArgs()).rule("all", where=Pattern(), to=make(Queue, "unread", QUEUE))

    with pytest.raises(WiringError, match="queue unread has no consumer yet"):
        made_alone(target, wire)
