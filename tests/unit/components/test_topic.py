"""A topic's promise: every subscribed queue gets a copy of what passes its filter."""

from __future__ import annotations

import pytest

from components.errors import WiringError
from components.queue import Queue
from components.targets import TargetName
from components.topic import Topic, TopicArgs
from tests.graph import build, config
from tests.reading import Reading, Route
from tests.unit.components.making import QUEUE, Make, made_alone


def test_each_read_model_gets_the_events_it_is_made_of(target: TargetName, read: Reading) -> None:
    ended = {"order.fulfilled", "order.rejected", "order.failed", "order.cancelled", "order.expired"}
    assert read.subscriptions(build(config(target))) == {
        Route(to="inventory", event_types=frozenset({"order.placed"})),
        Route(to="notifications", event_types=frozenset(ended)),
        Route(to="analytics"),
    }


def test_a_queue_that_nobody_reads_cannot_be_subscribed(target: TargetName) -> None:
    def wire(make: Make) -> None:
        make(Topic, "news", TopicArgs()).subscribe(make(Queue, "unread", QUEUE), where={})

    with pytest.raises(WiringError, match="queue unread has no consumer yet: make the function it triggers"):
        made_alone(target, wire)
