"""How events and messages travel on Google Cloud: trigger, bus, queues, dead letters, archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from google.pubsub_v1 import PubsubMessage

from functions.adapters.gcp import layout
from functions.adapters.http.webhook import sign
from functions.codec import encode_event
from functions.domain.events import Event, EventType
from tests.e2e.api import Api
from tests.e2e.gcp.operating import Operator
from tests.e2e.gcp.system import SECRET, GcpSystem
from tests.e2e.gcp.world.access import INVOKE
from tests.e2e.gcp.world.needs import CREATE
from tests.e2e.told import LARGE_ITEMS, told_on_every_target
from tests.engine.systems import until
from tests.unit.functions.orders import NOON, placed

pytestmark = pytest.mark.e2e

MAX_RECEIVE_COUNT = 5
"""Of every queue whose configuration says nothing else."""
AT_EASE, BURST = 8, 60
"""Messages: fewer, and more, than the consumer's instances take at once."""
FULL, TAKEN = 429, 204
NO_EVENT = b'{"type":"order.placed"}'
CONSUMERS = ("fulfil", "project_demand", "notify_customer", "archive_events", "notify_ops")


def ended() -> Event:
    """What customers are told of."""
    waiting, _ = placed(tenant="ours")
    _, (event,) = waiting.cancel(NOON + timedelta(minutes=1))
    assert event.type is EventType.CANCELLED
    return event


def told(operator: Operator, event_id: str) -> bool:
    return operator.item(layout.single(layout.MESSAGES, event_id)) is not None


def test_what_keeps_failing_is_tried_as_often_as_configured_then_set_aside_and_done_once_when_published_again(
    operator: Operator,
) -> None:
    queue, event = operator.queue("notify_customer"), ended()
    body = encode_event(event)
    with operator.denied(operator.account("notify_customer"), CREATE):
        message_id = queue.send(body, event_type=event.type.value)
        until(lambda: bool(queue.dead(body)))
    (dead,) = queue.dead(body)
    assert dead.attributes["event_type"] == event.type.value
    assert operator.tries_of(message_id) == [(attempt, 500) for attempt in range(1, MAX_RECEIVE_COUNT + 1)]
    assert not told(operator, event.id)
    again = queue.redrive()
    until(lambda: all(operator.tries_of(each) == [(1, TAKEN)] for each in again))
    assert told(operator, event.id)
    assert queue.dead(body) == []


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_what_can_never_succeed_is_set_aside_at_its_first_try_with_the_reason(
    operator: Operator, consumer: str
) -> None:
    queue = operator.queue(consumer)
    message_id = queue.send(NO_EVENT)
    until(lambda: bool(queue.dead(NO_EVENT)))
    (dead,) = queue.dead(NO_EVENT)
    queue.take_dead()
    assert dead.attributes["reason"].startswith("malformed: ")
    until(lambda: operator.tries_of(message_id) == [(1, TAKEN)])


def test_what_is_no_event_is_set_apart_from_the_feed_with_the_reason_and_the_next_order_is_fulfilled(
    api: Api, operator: Operator
) -> None:
    feed, path = operator.feed(), layout.event("ours", "none", 1)
    operator.put(path, {"body": NO_EVENT.decode()})
    order_id = api.place()
    assert api.ended(order_id)["status"] == "FULFILLED"
    until(lambda: bool(feed.dead()))
    (dead,) = feed.take_dead()
    assert dead.attributes["document"] == path
    assert dead.attributes["reason"].startswith("malformed: ")


def test_every_event_of_an_order_reaches_the_archive_as_the_database_has_it(api: Api, operator: Operator) -> None:
    order_id = api.place()
    timeline = api.ended(order_id)["timeline"]
    until(lambda: len(archived(operator, order_id)) == len(timeline))
    events = archived(operator, order_id)
    assert {event["version"]: event["type"] for event in events} == {
        entry["version"]: entry["type"] for entry in timeline
    }
    for event in events:
        stored = operator.item(layout.event("ours", order_id, event["version"]))
        assert stored is not None
        assert json.loads(stored["body"]) == event


def test_each_queue_gets_the_events_that_it_asked_for_and_no_others(api: Api, operator: Operator) -> None:
    order_id = api.place(payment_method="sandbox-decline")
    every = sorted(entry["type"] for entry in api.ended(order_id)["timeline"])
    until(lambda: types(operator, "archive_events", order_id) == every)
    until(lambda: types(operator, "notify_customer", order_id) == ["order.failed"])
    assert types(operator, "project_demand", order_id) == types(operator, "fulfil", order_id) == ["order.placed"]
    assert types(operator, "notify_ops", order_id) == []


def types(operator: Operator, consumer: str, order_id: str) -> list[str]:
    """Of the events that were pushed to it, each once however often it came."""
    events = [json.loads(each.push.message.data) for each in operator.tries(consumer)]
    return sorted({each["id"]: each["type"] for each in events if each.get("order_id") == order_id}.values())


def test_a_message_that_comes_twice_starts_one_run(api: Api, operator: Operator) -> None:
    order_id = api.place()
    timeline = api.ended(order_id)["timeline"]
    until(lambda: bool(archived(operator, order_id)))
    (event,) = (each for each in archived(operator, order_id) if each["type"] == "order.placed")
    message_id = operator.queue("fulfil").send(json.dumps(event).encode())
    until(lambda: operator.tries_of(message_id) == [(1, TAKEN)])
    until(lambda: operator.runs(order_id) == ["SUCCEEDED"])
    assert api.order(order_id)["timeline"] == timeline


def test_operations_are_told_of_an_order_above_the_threshold_in_the_words_of_every_target_and_signed(
    api: Api, system: GcpSystem
) -> None:
    small = api.place()
    large = api.place(items=LARGE_ITEMS)
    api.ended(small)
    until(lambda: large in system.webhook.orders())
    assert small not in system.webhook.orders()
    post = next(each for each in system.webhook.posts if each.body["order_id"] == large)
    assert post.body == told_on_every_target(large)
    signed = sign(SECRET, post.headers["X-Orderly-Timestamp"], post.content)
    assert post.headers["X-Orderly-Signature"] == signed


def test_a_burst_that_finds_every_instance_full_loses_no_message(operator: Operator, system: GcpSystem) -> None:
    """The receiver keeps the consumer busy; before that it was so quick that Pub/Sub pushes more than it takes."""
    queue, took = operator.queue("notify_ops"), 0
    while took <= capacity(operator, "notify_ops"):
        took += len(all_taken(operator, queue.send_all(messages(AT_EASE))))
    burst = messages(BURST)
    with system.webhook.held():
        ids = queue.send_all(burst)
        until(lambda: any(FULL in statuses(operator, each) for each in ids))
    all_taken(operator, ids)
    assert {each.data for each in burst}.isdisjoint(dead.data for dead in queue.dead())


def capacity(operator: Operator, handler: str) -> int:
    """How many calls all instances take at once."""
    config = operator.function(handler)["serviceConfig"]
    return int(config["maxInstanceRequestConcurrency"] * config["maxInstanceCount"])


def messages(number: int) -> list[PubsubMessage]:
    return [PubsubMessage(data=encode_event(placed(tenant="ours")[1][0])) for _ in range(number)]


def all_taken(operator: Operator, ids: list[str]) -> list[str]:
    """The same, once each was acknowledged."""
    until(lambda: all(TAKEN in statuses(operator, each) for each in ids))
    return ids


def statuses(operator: Operator, message_id: str) -> list[int]:
    return [status for _, status in operator.tries_of(message_id)]


def test_a_call_that_iam_refuses_comes_again_once_it_is_allowed(operator: Operator) -> None:
    queue, event = operator.queue("notify_customer"), ended()
    with operator.denied(operator.pusher("notify_customer"), INVOKE):
        message_id = queue.send(encode_event(event))
        until(lambda: (1, 403) in operator.tries_of(message_id))
    until(lambda: operator.tries_of(message_id)[-1][1] == TAKEN)
    assert told(operator, event.id)


def archived(operator: Operator, order_id: str) -> list[Mapping[str, Any]]:
    return [event for event in events_of(operator) if event["order_id"] == order_id]


def events_of(operator: Operator) -> list[Any]:
    return list(operator.archived().values())
