"""How events and messages travel on AWS: stream, bus, topic, queues, dead letters, archive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from components.system import QUEUES
from functions.adapters.aws.keys import item_key
from functions.codec import encode_event
from functions.domain.events import Event, EventType
from tests.e2e.api import Api
from tests.e2e.aws.operating import Operator, Queue
from tests.e2e.aws.system import SECRET
from tests.e2e.told import LARGE_ITEMS, told_on_every_target
from tests.e2e.webhook import Webhook
from tests.engine.systems import until
from tests.unit.functions.orders import NOON, placed

pytestmark = pytest.mark.e2e

MAX_RECEIVE_COUNT = 5
"""Of every queue whose configuration says nothing else."""
DENIED = "dynamodb:PutItem"


def ended() -> Event:
    """What customers are told of."""
    waiting, _ = placed(tenant="ours")
    _, (event,) = waiting.cancel(NOON + timedelta(minutes=1))
    assert event.type is EventType.CANCELLED
    return event


def of_message(operator: Operator, function: str, message_id: str) -> list[str]:
    """What a consumer says of one message."""
    return [line["message"] for line in operator.log(function) if line.get("message_id") == message_id]


def told(operator: Operator, event_id: str) -> bool:
    return operator.item(item_key("message", event_id)) is not None


def test_what_keeps_failing_is_received_as_often_as_configured_then_set_aside_and_redriven_once(
    operator: Operator,
) -> None:
    queue, event, earlier = operator.queue("notifications"), ended(), ended()
    queue.send(encode_event(earlier).decode())
    until(lambda: told(operator, earlier.id))  # a function that starts cold would let a message be seen meanwhile
    queue.hide_for(2)
    with operator.denied("notify-customer", DENIED):
        message_id = queue.send(encode_event(event).decode())
        until(lambda: bool(queue.dead()))
    (dead,) = queue.dead()
    assert dead["Body"] == encode_event(event).decode()
    assert of_message(operator, "notify-customer", message_id) == ["message failed"] * MAX_RECEIVE_COUNT
    assert not told(operator, event.id)
    queue.redrive()
    until(lambda: told(operator, event.id))
    until(queue.is_empty)
    assert queue.dead() == []


@pytest.mark.parametrize("component", ["fulfilment", "inventory", "notifications", "analytics"])
def test_what_can_never_succeed_is_set_aside_at_once_with_the_reason(operator: Operator, component: str) -> None:
    queue = operator.queue(component)
    queue.send('{"type":"order.placed"}')
    until(lambda: bool(queue.dead()))
    (dead,) = queue.dead()
    assert dead["MessageAttributes"]["reason"]["StringValue"].startswith("malformed: ")
    until(queue.is_empty)
    queue.client.purge_queue(QueueUrl=queue.dead_letters_url)


def test_what_is_no_event_is_set_apart_from_the_feed_with_the_reason_and_the_next_order_is_fulfilled(
    api: Api, operator: Operator
) -> None:
    feed, key = operator.queue("orders-feed"), {"pk": {"S": "TENANT#ours#ORDER#none"}, "sk": {"S": "EVENT#000001"}}
    operator.put({**key, "kind": {"S": "event"}, "body": {"S": '{"type":"order.placed"}'}})
    order_id = api.place()
    assert api.ended(order_id)["status"] == "FULFILLED"
    until(lambda: bool(feed.dead()))
    (dead,) = feed.dead()
    assert json.loads(dead["Body"])["Keys"] == key
    assert dead["MessageAttributes"]["reason"]["StringValue"].startswith("malformed: ")
    feed.client.purge_queue(QueueUrl=feed.dead_letters_url)


def test_every_event_of_an_order_reaches_the_archive_as_the_table_has_it(api: Api, operator: Operator) -> None:
    order_id = api.place()
    timeline = api.ended(order_id)["timeline"]
    until(lambda: len(archived(operator, order_id)) == len(timeline))
    events = archived(operator, order_id)
    assert {event["version"]: event["type"] for event in events} == {
        entry["version"]: entry["type"] for entry in timeline
    }
    for event in events:
        stored = operator.item(
            {"pk": {"S": f"TENANT#ours#ORDER#{order_id}"}, "sk": {"S": f"EVENT#{event['version']:06}"}}
        )
        assert stored is not None
        assert json.loads(stored["body"]["S"]) == event


def test_each_queue_gets_the_events_that_it_asked_for_and_no_others(api: Api, operator: Operator) -> None:
    with ExitStack() as paused:
        until(lambda: all(operator.queue(each).is_empty() for each in QUEUES))
        queues = [paused.enter_context(operator.paused(each)) for each in ("inventory", "notifications", "analytics")]
        order_id = api.place(payment_method="sandbox-decline")
        every = [entry["type"] for entry in api.ended(order_id)["timeline"]]
        until(lambda: queues[-1].size() == len(every))
        inventory, notifications, analytics = (sorted(types(queue, order_id)) for queue in queues)
    assert inventory == ["order.placed"]
    assert notifications == ["order.failed"]
    assert analytics == sorted(every)


def types(queue: Queue, order_id: str) -> list[str]:
    events: list[Any] = queue.waiting()
    return [event["type"] for event in events if event["order_id"] == order_id]


def test_a_message_that_comes_twice_starts_one_run(api: Api, operator: Operator) -> None:
    order_id = api.place()
    timeline = api.ended(order_id)["timeline"]
    until(lambda: bool(archived(operator, order_id)))
    (event,) = (each for each in archived(operator, order_id) if each["type"] == "order.placed")
    queue: Queue = operator.queue("fulfilment")
    message_id = queue.send(json.dumps(event))
    until(lambda: bool(of_message(operator, "fulfil", message_id)))
    until(queue.is_empty)
    assert operator.runs(order_id) == ["SUCCEEDED"]
    assert api.order(order_id)["timeline"] == timeline


def test_operations_are_told_of_an_order_above_the_threshold_in_the_words_of_every_target(
    api: Api, webhook: Webhook
) -> None:
    small = api.place()
    large = api.place(items=LARGE_ITEMS)
    api.ended(small)
    until(lambda: large in webhook.orders())
    assert small not in webhook.orders()
    (post,) = (each for each in webhook.posts if each.body["order_id"] == large)
    assert post.body == told_on_every_target(large)
    assert post.headers["X-Orderly-Secret"] == SECRET


def archived(operator: Operator, order_id: str) -> list[Mapping[str, Any]]:
    events: list[Any] = list(operator.archived().values())
    return [event for event in events if event["order_id"] == order_id]
