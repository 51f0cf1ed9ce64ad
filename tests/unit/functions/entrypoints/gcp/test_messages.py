"""A push is done, refused for ever, or comes again; what is no push is a mistake of the caller's."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import logs
from functions.api.messages import Request
from functions.api.problems import ProblemError
from functions.codec import encode_event
from functions.domain.errors import NotOpenError, RetryableError
from functions.domain.events import Event
from functions.entrypoints.gcp import messages
from functions.entrypoints.gcp.dead_letters import MAX_ATTRIBUTES, MAX_VALUE_BYTES, Letter, put
from functions.entrypoints.gcp.messages import consumed
from tests.unit.functions.entrypoints.gcp.calls import posted, push, pushed_call
from tests.unit.functions.orders import placed

_, (PLACED,) = placed()
BODY = encode_event(PLACED)


@dataclass
class Consumer:
    """Raises `failure`, if it has one."""

    failure: Exception | None = None
    seen: list[tuple[Event, bytes]] = field(default_factory=list)

    def __call__(self, event: Event, body: bytes) -> None:
        self.seen.append((event, body))
        if self.failure is not None:
            raise self.failure


@dataclass
class DeadLetters:
    failure: Exception | None = None
    put: list[tuple[Letter, str]] = field(default_factory=list)

    def __call__(self, letter: Letter, reason: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.put.append((letter, reason))


def test_a_message_is_the_events_own_json() -> None:
    consumer = Consumer()
    assert consumed(pushed_call(BODY), consumer, DeadLetters()).status == 204
    assert consumer.seen == [(PLACED, BODY)]


@pytest.mark.parametrize("failure", [RetryableError("not now"), RuntimeError("a bug")])
def test_what_may_succeed_the_next_time_is_raised(failure: Exception) -> None:
    dead = DeadLetters()
    with pytest.raises(type(failure)):
        consumed(pushed_call(BODY), Consumer(failure), dead)
    assert dead.put == []


def test_what_can_never_succeed_is_dead_at_once_with_all_that_it_came_with() -> None:
    dead = DeadLetters()
    call = pushed_call(BODY, {"event_type": "order.placed"}, orderingKey="ord_1")
    assert consumed(call, Consumer(NotOpenError("the order has ended")), dead).status == 204
    letter = Letter(body=BODY, attributes={"event_type": "order.placed"}, ordering_key="ord_1")
    assert dead.put == [(letter, "not-open: the order has ended")]


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"no json", b'{"id": 1}', b"\xff\xfe", b"[" * 100_000])
def test_a_message_that_is_no_event_is_dead_at_once(data: bytes) -> None:
    consumer, dead = Consumer(), DeadLetters()
    assert consumed(pushed_call(data), consumer, dead).status == 204
    assert consumer.seen == []
    assert [(letter.body, reason.partition(":")[0]) for letter, reason in dead.put] == [(data, "malformed")]


def test_a_message_that_cannot_be_put_away_comes_again() -> None:
    with pytest.raises(RetryableError):
        consumed(pushed_call(b"no json"), Consumer(), DeadLetters(RetryableError("Pub/Sub does not answer")))


def test_a_message_without_data_and_attributes_is_one_too() -> None:
    dead = DeadLetters()
    consumed(posted(b'{"message": {"messageId": "1"}, "subscription": "s"}'), Consumer(), dead)
    assert [letter for letter, _ in dead.put] == [Letter(body=b"")]


@pytest.mark.parametrize(
    ("headers", "wrap"),
    [
        ({"ce_type": "google.cloud.pubsub.topic.v1.messagePublished", "ce_id": "1"}, lambda sent: sent),
        (
            {"content_type": "application/cloudevents+json; charset=UTF-8"},
            lambda sent: {"specversion": "1.0", "type": "google.cloud.pubsub.topic.v1.messagePublished", "data": sent},
        ),
    ],
    ids=["binary", "structured"],
)
def test_a_cloud_event_of_eventarcs_is_a_push_too(headers: dict[str, str], wrap: Any) -> None:  # noqa: ANN401
    consumer = Consumer()
    call = posted(json.dumps(wrap(push(BODY))).encode(), **headers)
    assert consumed(call, consumer, DeadLetters()).status == 204
    assert consumer.seen == [(PLACED, BODY)]


def test_the_count_of_tries_and_the_ordering_key_are_read_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    delivery = messages.pushed(pushed_call(BODY, orderingKey="ord_1"))
    assert (delivery.attempt, delivery.letter.ordering_key) == (2, "ord_1")
    assert delivery.subscription == "projects/orderly-test/subscriptions/fulfilment"
    lines: list[str] = []
    formatter = logs.JsonFormatter(function="fulfil", stage="dev")
    consumed(
        pushed_call(BODY, orderingKey="ord_1"),
        lambda *_: lines.append(formatter.format(logging.makeLogRecord({"msg": "at work"}))),
        DeadLetters(),
    )
    line = json.loads(lines[0])
    assert (line["message_id"], line["delivery_attempt"]) == ("2070443601311540", "2")
    assert (line["ordering_key"], line["order_id"]) == ("ord_1", PLACED.order_id)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
        b"{}",
        b'{"message": null}',
        b'{"message": {}}',
        json.dumps(push(b"", data="no base64!")).encode(),
        json.dumps(push(b"", data="/")).encode(),
        json.dumps(push(b"", {"n": 1})).encode(),  # type: ignore[dict-item]
        json.dumps({**push(b""), "deliveryAttempt": "two"}).encode(),
    ],
)
def test_what_is_no_push_is_the_callers_mistake(body: bytes) -> None:
    consumer, dead = Consumer(), DeadLetters()
    with pytest.raises(ProblemError) as refused:
        consumed(posted(body), consumer, dead)
    assert refused.value.type.status == 400
    assert (consumer.seen, dead.put) == ([], [])


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "BREW"])
def test_only_a_post_is_a_push(method: str) -> None:
    call = pushed_call(BODY)
    with pytest.raises(ProblemError) as refused:
        consumed(Request(method=method, path="/", body=call.body), Consumer(), DeadLetters())
    assert (refused.value.type.status, refused.value.headers) == (405, {"Allow": "POST"})


@given(st.binary() | st.text().map(str.encode), st.text(max_size=20))
def test_whatever_is_posted_is_a_push_or_a_mistake(body: bytes, media_type: str) -> None:
    try:
        assert consumed(posted(body, content_type=media_type), Consumer(), DeadLetters()).status == 204
    except ProblemError as refused:
        assert refused.type.status == 400  # noqa: PT017 -- either is an answer


@dataclass
class Publisher:
    """Of the client of Pub/Sub, what is asked of it."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    def publish(self, **request: Any) -> None:  # noqa: ANN401 -- as the client has it
        self.sent.append(request)


def put_by(publisher: Any, letter: Letter, reason: str) -> Any:  # noqa: ANN401
    put(publisher, "projects/p/topics/dead", letter, reason)
    (sent,) = publisher.sent
    assert (sent["topic"], sent["retry"]) == ("projects/p/topics/dead", None)
    assert sent["timeout"] > 0
    (message,) = sent["messages"]
    return message


def test_a_dead_letter_is_the_message_and_the_reason() -> None:
    letter = Letter(body=BODY, attributes={"tier": "high"}, ordering_key="ord_1")
    message = put_by(Publisher(), letter, "malformed: no event")
    assert (message.data, message.ordering_key) == (BODY, "ord_1")
    assert dict(message.attributes) == {"tier": "high", "reason": "malformed: no event"}


@pytest.mark.parametrize("reason", ["half a pair \ud800" + "!" * 5000, "ü" * 5000, "\U0001f9e8" * 5000, "x" * 1000])
def test_a_reason_is_what_pubsub_takes_as_an_attribute(reason: str) -> None:
    told = put_by(Publisher(), Letter(body=b""), reason).attributes["reason"]
    assert len(told) <= 1000
    assert 1000 <= len(told.encode()) <= MAX_VALUE_BYTES
    assert reason.startswith(told.removesuffix("!" * 986).replace("?", "\ud800"))


def test_attributes_that_pubsub_would_refuse_do_not_hold_a_dead_letter_up() -> None:
    many = {"googclient_telemetry": "1"} | {f"a{number}": "x" * 2000 for number in range(200)}
    kept = dict(put_by(Publisher(), Letter(body=b"", attributes=many), "no").attributes)
    assert len(kept) == MAX_ATTRIBUTES
    assert not [name for name in kept if name.startswith("goog")]
    assert max(len(value) for value in kept.values()) == MAX_VALUE_BYTES
