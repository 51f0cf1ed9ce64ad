"""Deliveries as queues make them on Google Cloud: filters, tries, dead letters, order.

Google's own fake of Pub/Sub filters, keeps and orders; our bridge pushes, waits and counts.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.pubsub_v1 import DeadLetterPolicy, PubsubMessage, PushConfig, RetryPolicy, Subscription

from functions.codec import encode_event
from tests.conformance.gcp.pulling import PROJECT, held, topic_held_by
from tests.gcp.functions_framework import RunningFunction
from tests.gcp.pubsub.bridge import PushBridge
from tests.gcp.pubsub.push import NO_ANSWER, Push
from tests.gcp.pubsub.server import Pstest
from tests.gcp.pubsub.window import FIRST, MOST, Window
from tests.gcp.unpacked import addresses
from tests.unit.functions.orders import placed

ATTEMPTS = 5
PATIENCE_SECONDS = 20
_, (PLACED,) = placed()


@dataclass
class Endpoint:
    """Answers each push by `answer`, which is told its body."""

    answer: Callable[[dict[str, Any]], int]
    pushes: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    def take(self, body: bytes) -> int:
        push = json.loads(body)
        self.pushes.append(push)
        return self.answer(push)


@contextmanager
def listening(answer: Callable[[dict[str, Any]], int] = lambda push: 204) -> Iterator[Endpoint]:
    endpoint = Endpoint(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status = endpoint.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Silence: a test tells what it saw by failing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        endpoint.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def bridge(pstest: Pstest) -> Iterator[PushBridge]:
    with PushBridge(pstest, scale=0.0001) as pushing:
        yield pushing


@pytest.fixture
def topic(pstest: Pstest) -> str:
    name, _ = topic_held_by(pstest, "bus")
    return name


def queue(topic: str, url: str, dead_letters: str, **changed: Any) -> Subscription:  # noqa: ANN401
    """As components/gcp makes them."""
    return Subscription(
        name=f"projects/{PROJECT}/subscriptions/queue-{uuid4().hex}",
        topic=topic,
        push_config=PushConfig(push_endpoint=url),
        ack_deadline_seconds=30,
        retry_policy=RetryPolicy(minimum_backoff={"seconds": 10}, maximum_backoff={"seconds": 600}),
        dead_letter_policy=DeadLetterPolicy(dead_letter_topic=dead_letters, max_delivery_attempts=ATTEMPTS),
        **changed,
    )


def publish(pubsub: Pstest, topic: str, *bodies: bytes, key: str = "", **attributes: str) -> None:
    messages = [PubsubMessage(data=body, attributes=attributes, ordering_key=key) for body in bodies]
    pubsub.publisher.publish(topic=topic, messages=messages)


def wait_for(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def once_held(pubsub: Pstest, subscription: str) -> list[PubsubMessage]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := held(pubsub, subscription)):
        assert time.monotonic() < deadline, "nothing came"
    return found


def attempts(endpoint: Endpoint) -> list[int]:
    return [push["deliveryAttempt"] for push in endpoint.pushes]


def test_a_message_is_dead_after_exactly_its_attempts(pstest: Pstest, bridge: PushBridge, topic: str) -> None:
    dead_letters, held_there = topic_held_by(pstest, "dead")
    with listening(lambda push: 500) as endpoint:
        subscription = queue(topic, endpoint.url, dead_letters)
        bridge.subscribe(subscription)
        publish(pstest, topic, b"x", tier="high")
        found = once_held(pstest, held_there)
        assert attempts(endpoint) == [1, 2, 3, 4, 5]
    (dead,) = found
    assert (dead.data, dead.attributes["tier"]) == (b"x", "high")
    assert dead.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == str(ATTEMPTS)
    assert dead.attributes["CloudPubSubDeadLetterSourceSubscription"] == subscription.name.rpartition("/")[2]


def test_one_queues_tries_are_not_anothers(pstest: Pstest, bridge: PushBridge, topic: str) -> None:
    dead_letters, _ = topic_held_by(pstest, "dead")
    failing, kind = (lambda push: 500), (lambda push: 204)
    with listening(failing) as one, listening(kind) as other, listening(failing) as third:
        for endpoint in (one, other, third):
            bridge.subscribe(queue(topic, endpoint.url, dead_letters))
        publish(pstest, topic, b"x")
        wait_for(lambda: len(one.pushes) == len(third.pushes) == ATTEMPTS and other.pushes)
        assert attempts(one) == attempts(third) == [1, 2, 3, 4, 5]
        assert attempts(other) == [1]


def test_a_message_that_is_done_in_the_end_is_not_dead(pstest: Pstest, bridge: PushBridge, topic: str) -> None:
    dead_letters, held_there = topic_held_by(pstest, "dead")
    with listening(lambda push: 204 if push["deliveryAttempt"] == ATTEMPTS else 503) as endpoint:
        bridge.subscribe(queue(topic, endpoint.url, dead_letters))
        publish(pstest, topic, b"x")
        wait_for(lambda: len(endpoint.pushes) == ATTEMPTS)
        assert held(pstest, held_there) == []
        assert attempts(endpoint) == [1, 2, 3, 4, 5]


def test_an_endpoint_that_is_not_there_uses_up_attempts(pstest: Pstest, bridge: PushBridge, topic: str) -> None:
    dead_letters, held_there = topic_held_by(pstest, "dead")
    with listening() as gone:
        url = gone.url
    bridge.subscribe(queue(topic, url, dead_letters))
    publish(pstest, topic, b"x")
    once_held(pstest, held_there)
    assert [each.status for each in bridge.tries] == [NO_ANSWER] * ATTEMPTS


def test_a_filter_lets_through_what_it_names(pstest: Pstest, bridge: PushBridge, topic: str) -> None:
    dead_letters, _ = topic_held_by(pstest, "dead")
    with listening() as all_of_them, listening() as ended, listening() as high:
        bridge.subscribe(queue(topic, all_of_them.url, dead_letters))
        either = 'attributes.event_type = "order.failed" OR attributes.event_type = "order.expired"'
        bridge.subscribe(queue(topic, ended.url, dead_letters, filter=either))
        bridge.subscribe(queue(topic, high.url, dead_letters, filter='attributes.tier = "high"'))
        publish(pstest, topic, b"1", event_type="order.placed", tier="high")
        publish(pstest, topic, b"2", event_type="order.failed", tier="standard")
        publish(pstest, topic, b"3", event_type="order.placed", tier="standard")
        publish(pstest, topic, b"4", event_type="order.expired", tier="high")
        wait_for(lambda: len(all_of_them.pushes) == 4 and len(ended.pushes) == len(high.pushes) == 2)
        assert {push["message"]["attributes"]["event_type"] for push in ended.pushes} == {
            "order.failed",
            "order.expired",
        }
        assert {push["message"]["attributes"]["tier"] for push in high.pushes} == {"high"}


def test_messages_of_one_key_come_in_their_order_and_a_failing_one_holds_its_key_up(
    pstest: Pstest, bridge: PushBridge, topic: str
) -> None:
    dead_letters, _ = topic_held_by(pstest, "dead")
    with listening(lambda push: 500 if push["deliveryAttempt"] < 3 else 204) as endpoint:
        bridge.subscribe(queue(topic, endpoint.url, dead_letters, enable_message_ordering=True))
        for number in range(4):
            publish(pstest, topic, str(number).encode(), key="ord_1", number=str(number))
        wait_for(lambda: len(endpoint.pushes) == 12)
        seen = [(push["message"]["attributes"]["number"], push["deliveryAttempt"]) for push in endpoint.pushes]
        assert seen == [(str(number), attempt) for number in range(4) for attempt in (1, 2, 3)]
        assert {push["message"]["orderingKey"] for push in endpoint.pushes} == {"ord_1"}


def test_what_a_consumer_refuses_is_dead_at_its_first_try_with_the_reason(
    folder: Path, pstest: Pstest, bridge: PushBridge, topic: str
) -> None:
    dead_letters, held_there = topic_held_by(pstest, "dead")
    variables = {"ORDERLY_PROJECT": PROJECT, "ORDERLY_DEAD_LETTERS": dead_letters}
    with RunningFunction("notify_ops", folder, {**variables, **addresses(pubsub=pstest.address)}) as consumer:
        bridge.subscribe(queue(topic, consumer.url, dead_letters, enable_message_ordering=True))
        publish(pstest, topic, b"no event", key="ord_1", tier="high")
        publish(pstest, topic, encode_event(PLACED))
        found = once_held(pstest, held_there)
        wait_for(lambda: len(bridge.tries) == 2)
        assert [(each.attempt, each.status) for each in bridge.tries] == [(1, 204), (1, 204)]
        told = next(line for line in map(json.loads, consumer.logged()) if line["message"] == "message refused")
    (dead,) = found
    assert (dead.data, dead.ordering_key, dead.attributes["tier"]) == (b"no event", "ord_1", "high")
    assert dead.attributes["reason"] == told["reason"]
    assert (told["severity"], told["ordering_key"], told["delivery_attempt"]) == ("WARNING", "ord_1", "1")


def test_each_success_lets_one_more_push_be_under_way_and_a_failure_half_as_many() -> None:
    window, sizes = Window(), list[int]()
    for is_success in (True, True, False, False, False, True):
        window.note(is_success=is_success)
        sizes.append(window.size)
    assert (FIRST, sizes) == (3, [4, 5, 2, 1, 1, 2])
    for _ in range(2 * MOST):
        window.note(is_success=True)
    assert window.size == MOST


def test_no_more_pushes_are_under_way_than_the_window_has_places(
    pstest: Pstest, bridge: PushBridge, topic: str
) -> None:
    dead_letters, _ = topic_held_by(pstest, "dead")
    answered = threading.Event()
    with listening(lambda push: 204 if answered.wait(PATIENCE_SECONDS) else 500) as endpoint:
        bridge.subscribe(queue(topic, endpoint.url, dead_letters))
        publish(pstest, topic, *(str(number).encode() for number in range(50)))
        wait_for(lambda: sum(bridge.under_way.values()) == 50 and len(endpoint.pushes) >= FIRST)
        assert len(endpoint.pushes) == FIRST
        answered.set()
        wait_for(lambda: {each.status for each in bridge.tries} >= {204})


def test_a_fault_of_the_bridge_itself_is_raised_in_the_end(pstest: Pstest, topic: str) -> None:
    def broken(push: Push) -> int:
        raise LookupError(push.endpoint)

    dead_letters, _ = topic_held_by(pstest, "dead")
    pushing = PushBridge(pstest, post=broken).__enter__()
    pushing.subscribe(queue(topic, "http://nowhere.example", dead_letters))
    publish(pstest, topic, b"x")
    wait_for(lambda: pushing.errors)
    with pytest.raises(BaseExceptionGroup, match="pushing failed") as raised:
        pushing.__exit__(None, None, None)
    assert isinstance(raised.value.exceptions[0], LookupError)
