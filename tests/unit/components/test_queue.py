"""A queue's promise: bounded redelivery, dead letters, one consumer."""

from __future__ import annotations

import pytest

from components.errors import WiringError
from components.function import Function
from components.queue import Queue
from components.targets import TargetName
from tests.graph import build, config
from tests.reading import Deliveries, Reading, Redelivery
from tests.unit.components.making import QUEUE, Make, function_args, made_alone


def test_a_poison_message_reaches_the_dead_letters_after_the_set_deliveries(target: TargetName, read: Reading) -> None:
    graph = build(config(target, queues={"visibility_timeout": "90s", "max_receive_count": 7}))
    assert read.redelivery(graph, "inventory") == Redelivery(seconds=90, deliveries=7)


def test_the_fulfilment_queue_can_be_more_patient_than_the_others(target: TargetName, read: Reading) -> None:
    graph = build(config(target, queues={"fulfilment": {"visibility_timeout": "5m", "max_receive_count": 20}}))
    assert read.redelivery(graph, "fulfilment") == Redelivery(seconds=300, deliveries=20)
    assert read.redelivery(graph, "inventory") == Redelivery(seconds=60, deliveries=5)


def test_what_the_fulfilment_queue_leaves_out_it_has_from_all_queues(target: TargetName, read: Reading) -> None:
    queues = {"visibility_timeout": "2m", "max_concurrency": 4, "fulfilment": {"max_receive_count": 9}}
    graph = build(config(target, queues=queues))
    assert read.redelivery(graph, "fulfilment") == Redelivery(seconds=120, deliveries=9)
    assert read.deliveries(graph, "fulfilment") == Deliveries(function="fulfil", at_once=4)


@pytest.mark.parametrize(
    ("queue", "function"),
    [
        ("fulfilment", "fulfil"),
        ("inventory", "project-demand"),
        ("notifications", "notify-customer"),
        ("analytics", "archive-events"),
    ],
)
def test_each_queue_has_its_consumer(target: TargetName, read: Reading, queue: str, function: str) -> None:
    graph = build(config(target, queues={"max_concurrency": 3}))
    assert read.deliveries(graph, queue) == Deliveries(function=function, at_once=3)


def test_a_second_consumer_of_a_queue_is_refused(target: TargetName) -> None:
    def wire(make: Make) -> None:
        queue = make(Queue, "parcels", QUEUE)
        make(Function, "first", function_args(trigger=queue.deliveries(max_concurrency=2)))
        make(Function, "second", function_args(trigger=queue.deliveries(max_concurrency=2)))

    with pytest.raises(WiringError, match="queue parcels already triggers first, so second needs its own"):
        made_alone(target, wire)
