"""How events and messages travel on Azure: change feed, bus, queues, dead letters, archive, Logic App."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from functions.adapters.azure import layout
from functions.codec import encode_event
from functions.domain.events import Event, EventType
from tests.e2e.api import Api
from tests.e2e.azure.operating import Operator, cloud_event
from tests.e2e.azure.system import SECRET, AzureSystem
from tests.e2e.azure.world.access import CREATE_ITEM, PUBLISH, SEND
from tests.e2e.azure.world.service_bus import EXCEEDED
from tests.e2e.told import LARGE_ITEMS, told_on_every_target
from tests.engine.systems import until
from tests.unit.functions.orders import NOON, placed

pytestmark = [pytest.mark.e2e, pytest.mark.parametrize("kind", ["consumption"], indirect=True)]

MAX_RECEIVE_COUNT = 5
"""Of every queue whose configuration says nothing else."""
NO_EVENT = b'{"type":"order.placed"}'
CONSUMERS = ("fulfil", "project_demand", "notify_customer", "archive_events")
INTERNAL_SERVER_ERROR = 500


def ended() -> Event:
    """What customers are told of."""
    waiting, _ = placed(tenant="ours")
    _, (event,) = waiting.cancel(NOON + timedelta(minutes=1))
    assert event.type is EventType.CANCELLED
    return event


def told(operator: Operator, event_id: str) -> bool:
    id_ = layout.single("message", event_id)
    return operator.item(layout.MESSAGES, id_, id_) is not None


def test_what_keeps_failing_is_tried_as_often_as_configured_then_set_aside_and_done_once_when_sent_again(
    operator: Operator,
) -> None:
    queue, event = operator.queue("notify_customer"), ended()
    body = cloud_event(encode_event(event))
    with operator.denied(operator.principal("notify_customer"), CREATE_ITEM):
        message_id = queue.send(body, event_type=event.type.value)
        until(lambda: bool(queue.dead(body)))
    (dead,) = queue.dead(body)
    assert dead.properties == {"event_type": event.type.value, "DeadLetterReason": EXCEEDED}
    assert operator.tries_of(message_id) == [(delivery, False) for delivery in range(1, MAX_RECEIVE_COUNT + 1)]
    assert not told(operator, event.id)
    again = queue.redrive()
    until(lambda: all(operator.tries_of(each) == [(1, True)] for each in again))
    assert told(operator, event.id)
    assert queue.dead(body) == []


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_what_can_never_succeed_is_set_aside_at_its_first_try_with_the_reason(
    operator: Operator, consumer: str
) -> None:
    queue = operator.queue(consumer)
    message_id = queue.send(NO_EVENT, tier="high")
    until(lambda: bool(queue.dead(NO_EVENT)))
    (dead,) = queue.dead(NO_EVENT)
    queue.take_dead()
    assert dead.properties["reason"].startswith("malformed: ")
    assert (dead.properties["tier"], dead.properties["delivery_attempt"]) == ("high", "1")
    until(lambda: operator.tries_of(message_id) == [(1, True)])


def test_what_is_no_event_is_set_apart_from_the_feed_with_the_reason_and_the_next_order_is_fulfilled(
    api: Api, operator: Operator
) -> None:
    feed = operator.feed()
    operator.put(layout.ORDERS, "ours", {"id": layout.event("none", 1), "kind": layout.EVENT, "body": "{}"})
    order_id = api.place()
    assert api.ended(order_id)["status"] == "FULFILLED"
    until(lambda: bool(feed.dead()))
    (dead,) = feed.take_dead()
    assert json.loads(dead.body)["id"] == layout.event("none", 1)
    assert dead.properties["reason"].startswith("malformed: ")


def test_a_bus_that_refuses_events_gets_them_again_in_their_order_once_it_takes_them(
    api: Api, operator: Operator, system: AzureSystem
) -> None:
    (feed,) = system.world.feeds
    with operator.denied(operator.principal("relay"), PUBLISH):
        order_id = api.place()
        until(lambda: any(each.retries >= 2 and each.why for each in feed.tries))
        assert api.order(order_id)["status"] == "PLACED"
    assert api.ended(order_id)["status"] == "FULFILLED"
    assert feed.passed_over == []


def test_an_event_that_the_bus_may_not_deliver_waits_in_its_container_and_is_done_once_it_is_published_again(
    api: Api, operator: Operator, system: AzureSystem
) -> None:
    (topic,) = system.world.records.of("eventgrid.Topic")
    with operator.denied(topic["identity"]["principalId"], SEND):
        order_id = api.place()
        until(lambda: any(each["subject"] == order_id for each in operator.undelivered()))
        assert api.order(order_id)["status"] == "PLACED"
    assert order_id not in {each["subject"] for each in system.world.event_grid.lost}
    operator.publish(next(each for each in operator.undelivered() if each["subject"] == order_id))
    assert api.ended(order_id)["status"] == "FULFILLED"


def test_every_event_of_an_order_reaches_the_archive_as_the_database_has_it(api: Api, operator: Operator) -> None:
    order_id = api.place()
    timeline = api.ended(order_id)["timeline"]
    until(lambda: len(archived(operator, order_id)) == len(timeline))
    events = archived(operator, order_id)
    assert {event["version"]: event["type"] for event in events} == {
        entry["version"]: entry["type"] for entry in timeline
    }
    for event in events:
        stored = operator.item(layout.ORDERS, "ours", layout.event(order_id, event["version"]))
        assert stored is not None
        assert json.loads(stored["body"]) == event


def test_each_queue_gets_the_events_that_it_asked_for_and_no_others(api: Api, operator: Operator) -> None:
    order_id = api.place(payment_method="sandbox-decline")
    every = sorted(entry["type"] for entry in api.ended(order_id)["timeline"])
    until(lambda: types(operator, "archive_events", order_id) == every)
    until(lambda: types(operator, "notify_customer", order_id) == ["order.failed"])
    assert types(operator, "project_demand", order_id) == types(operator, "fulfil", order_id) == ["order.placed"]


def types(operator: Operator, consumer: str, order_id: str) -> list[str]:
    """Of the events that it was called with, each once however often it came."""
    bodies = [each.message.body for each in operator.tries(consumer)]
    events = [json.loads(body)["data"] for body in bodies if order_id.encode() in body]
    return sorted({each["id"]: each["type"] for each in events if each["order_id"] == order_id}.values())


def test_a_message_that_comes_twice_starts_one_run(api: Api, operator: Operator) -> None:
    order_id = api.place()
    timeline = api.ended(order_id)["timeline"]
    until(lambda: bool(archived(operator, order_id)))
    (event,) = (each for each in archived(operator, order_id) if each["type"] == "order.placed")
    message_id = operator.queue("fulfil").send(cloud_event(json.dumps(event).encode()))
    until(lambda: operator.tries_of(message_id) == [(1, True)])
    until(lambda: operator.runs(order_id) == ["Completed"])
    assert api.order(order_id)["timeline"] == timeline


def test_operations_are_told_of_an_order_above_the_threshold_in_the_words_of_every_target(
    api: Api, system: AzureSystem
) -> None:
    small, large = api.place(), api.place(items=LARGE_ITEMS)
    api.ended(small)
    until(lambda: large in system.webhook.orders())
    assert small not in system.webhook.orders()
    post = next(each for each in system.webhook.posts if each.body["order_id"] == large)
    assert post.body == told_on_every_target(large)
    assert (post.headers["X-Orderly-Secret"], post.headers["Idempotency-Key"]) == (SECRET, post.body["event_id"])


def test_what_the_webhook_does_not_take_is_told_again_and_set_aside_after_as_many_times_as_configured(
    api: Api, operator: Operator, system: AzureSystem
) -> None:
    queue, (app,) = operator.notification(), system.world.logic_apps
    with system.webhook.refusing(INTERNAL_SERVER_ERROR):
        order_id = api.place(items=LARGE_ITEMS)
        until(lambda: bool(queue.dead()))
    (dead,) = queue.dead()
    assert json.loads(dead.body)["subject"] == order_id
    runs = [each for each in app.runs if each.message == dead.id]
    assert [each.why for each in runs] == ["operations.example answered 500"] * MAX_RECEIVE_COUNT
    (again,) = queue.redrive()
    until(lambda: [each.why for each in app.runs if each.message == again] == [""])
    assert order_id in system.webhook.orders()


def archived(operator: Operator, order_id: str) -> list[Mapping[str, Any]]:
    return [event for event in events_of(operator) if event["order_id"] == order_id]


def events_of(operator: Operator) -> list[Any]:
    return list(operator.archived().values())
