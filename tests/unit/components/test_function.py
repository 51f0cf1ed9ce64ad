"""A function's promise: its own identity, only what it was linked to, a timeout."""

from __future__ import annotations

import pytest

from components.bucket import Bucket, BucketArgs
from components.database import Database, DatabaseArgs
from components.errors import WiringError
from components.event_bus import EventBus, EventBusArgs
from components.function import Function
from components.identity import Grant, Verb
from components.queue import Queue
from components.targets import TargetName
from components.topic import Topic, TopicArgs
from tests.graph import build, config
from tests.reading import Reading
from tests.unit.components.making import QUEUE, Make, function_args, made_alone

ALONE = {"ORDERLY_STAGE": "dev", "ORDERLY_LOG_LEVEL": "DEBUG"}


def test_a_function_without_links_may_do_nothing(target: TargetName, read: Reading) -> None:
    def wire(make: Make) -> None:
        make(Function, "idle", function_args())

    graph = made_alone(target, wire)
    assert read.grants(graph, "idle") == frozenset()
    assert read.variables(graph, "idle") == ALONE


def test_a_link_brings_the_permission_and_the_name_together(target: TargetName, read: Reading) -> None:
    def wire(make: Make) -> None:
        make(Function, "sender", function_args(make(Queue, "parcels", QUEUE).sender()))

    graph = made_alone(target, wire)
    assert read.grants(graph, "sender") == {"send queue/parcels"}
    assert read.variables(graph, "sender") == {**ALONE, "ORDERLY_QUEUE": "parcels"}


def test_reading_and_writing_are_granted_apart(target: TargetName, read: Reading) -> None:
    protection = DatabaseArgs(deletion_protection=False, point_in_time_recovery=False)

    def wire(make: Make) -> None:
        database = make(Database, "stock", protection)
        make(Function, "reads", function_args(database.reader()))
        make(Function, "writes", function_args(database.writer()))

    graph = made_alone(target, wire)
    assert read.grants(graph, "reads") == {"read database/stock"}
    assert read.grants(graph, "writes") == {"write database/stock"}


def test_publishers_are_granted_their_own_destination(target: TargetName, read: Reading) -> None:
    def wire(make: Make) -> None:
        bus, topic = make(EventBus, "facts", EventBusArgs()), make(Topic, "news", TopicArgs())
        bucket = make(Bucket, "files", BucketArgs(deletion_protection=False))
        make(Function, "tells", function_args(bus.publisher(), topic.publisher(), bucket.writer()))

    graph = made_alone(target, wire)
    assert read.grants(graph, "tells") == {"publish bus/facts", "publish topic/news", "write bucket/files"}


def test_two_links_that_mean_different_queues_by_one_variable_are_refused(target: TargetName) -> None:
    def wire(make: Make) -> None:
        first, second = make(Queue, "first", QUEUE), make(Queue, "second", QUEUE)
        make(Function, "torn", function_args(first.sender(), second.sender()))

    with pytest.raises(WiringError, match="function torn: two of its links set ORDERLY_QUEUE"):
        made_alone(target, wire)


def test_the_same_link_twice_is_granted_once(target: TargetName) -> None:
    granted: list[Grant] = []

    def wire(make: Make) -> None:
        queue = make(Queue, "parcels", QUEUE)
        granted.extend(make(Function, "sender", function_args(queue.sender(), queue.sender())).grants)

    made_alone(target, wire)
    assert [(grant.verb, grant.resource) for grant in granted] == [(Verb.SEND, "queue/parcels")]


def test_invoking_is_granted_on_the_one_function(target: TargetName) -> None:
    granted: list[Grant] = []

    def wire(make: Make) -> None:
        called, caller = make(Function, "called", function_args()), make(Function, "caller", function_args())
        granted.append(called.grant_invoke(caller.identity))

    made_alone(target, wire)
    assert granted == [Grant(verb=Verb.INVOKE, resource="function/called", carried_by=granted[0].carried_by)]


def test_the_api_has_its_own_timeout(target: TargetName, read: Reading) -> None:
    graph = build(config(target, api={"timeout": "3s"}, functions={"timeout": "45s"}))
    assert read.timeout_seconds(graph, "api") == 3
    assert read.timeout_seconds(graph, "cleanup") == 45


@pytest.mark.parametrize(
    ("written", "seen"), [("DEBUG", "DEBUG"), ("INFO", "INFO"), ("WARN", "WARNING"), ("ERROR", "ERROR")]
)
def test_a_log_level_is_given_in_pythons_words(target: TargetName, read: Reading, written: str, seen: str) -> None:
    graph = build(config(target, functions={"log_level": written}))
    assert read.variables(graph, "relay")["ORDERLY_LOG_LEVEL"] == seen


def test_a_setting_reaches_only_the_functions_that_need_it(target: TargetName, read: Reading) -> None:
    graph = build(config(target, orders={"sandbox_stock": 7, "expire_after_hours": 3, "currencies": ["CHF", "EUR"]}))
    assert read.variables(graph, "inventory-tasks")["ORDERLY_SANDBOX_STOCK"] == "7"
    assert read.variables(graph, "cleanup")["ORDERLY_EXPIRE_AFTER_HOURS"] == "3"
    assert read.variables(graph, "order-tasks")["ORDERLY_CURRENCIES"] == "CHF,EUR"
    assert "ORDERLY_SANDBOX_STOCK" not in read.variables(graph, "api")
