"""What is published reaches each queue that wants it, all of it or nothing."""

from __future__ import annotations

import sqlite3

import pytest

from local_runtime.bus import Bus
from local_runtime.client import Entry
from local_runtime.declarations import EventBus, Queue, Rule, Subscription, Topic
from local_runtime.errors import RunTimeError
from local_runtime.queues import Queues
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import entry

QUEUES = {name: Queue(name=name) for name in ("fulfilment", "ops", "analytics", "mail")}
RULES = {
    rule.name: rule
    for rule in (
        Rule(name="placed", bus="orders", pattern={"type": ["placed"]}, targets=["queue/fulfilment"]),
        Rule(
            name="high",
            bus="orders",
            pattern={"type": ["placed"], "total": [{"numeric": [">", 9]}]},
            targets=["queue/ops"],
        ),
        Rule(name="all", bus="orders", targets=["topic/events"]),
    )
}
SUBSCRIPTIONS = {
    "analytics": Subscription(name="analytics", topic="events", queue="analytics"),
    "mail": Subscription(name="mail", topic="events", queue="mail", filter={"type": ["paid"]}),
}


@pytest.fixture
def queues(store: Store) -> Queues:
    return Queues(store, QUEUES)


@pytest.fixture
def bus(store: Store, queues: Queues) -> Bus:
    return Bus(
        store,
        queues.put,
        buses={"orders": EventBus(name="orders")},
        topics={"events": Topic(name="events")},
        rules=RULES,
        subscriptions=SUBSCRIPTIONS,
    )


def contents(queues: Queues) -> dict[str, list[str]]:
    return {name: [each.message.id for each in queues.receive(name, 100)] for name in QUEUES}


def test_rules_and_subscriptions_decide_which_queues_get_a_copy(bus: Bus, queues: Queues) -> None:
    entries = [
        entry("a", type="placed", total=5),
        entry("b", type="placed", total=50),
        entry("c", type="paid", total=5),
    ]
    bus.publish("bus/orders", entries)
    assert contents(queues) == {
        "fulfilment": ["a", "b"],
        "ops": ["b"],
        "analytics": ["a", "b", "c"],
        "mail": ["c"],
    }


def test_a_topic_can_be_published_to_directly(bus: Bus, queues: Queues) -> None:
    bus.publish("topic/events", [entry("a", type="paid")])
    assert contents(queues) == {"fulfilment": [], "ops": [], "analytics": ["a"], "mail": ["a"]}


def test_entries_arrive_all_or_not_at_all(store: Store, queues: Queues) -> None:
    def put_but_refuse_b(connection: sqlite3.Connection, queue: str, each: Entry) -> None:
        if each.id == "b":
            raise sqlite3.IntegrityError("no")
        queues.put(connection, queue, each)

    bus = Bus(
        store,
        put_but_refuse_b,
        buses={},
        topics={"events": Topic(name="events")},
        rules={},
        subscriptions=SUBSCRIPTIONS,
    )
    with pytest.raises(sqlite3.IntegrityError):
        bus.publish("topic/events", [entry("a"), entry("b")])
    assert contents(queues)["analytics"] == []


def test_a_destination_that_is_not_declared_is_refused_by_name(bus: Bus) -> None:
    with pytest.raises(
        RunTimeError, match="there is no bus/order to publish to; declared are bus/orders, topic/events"
    ):
        bus.publish("bus/order", [entry("a")])
