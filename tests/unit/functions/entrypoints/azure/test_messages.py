"""A message of a queue is consumed, refused with its reason, or comes again."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions import logs
from functions.domain.errors import NotFoundError, RetryableError
from functions.domain.events import Event
from functions.entrypoints.azure.dead_letters import Letter
from functions.entrypoints.azure.messages import consumed
from tests.unit.functions.entrypoints.azure.calls import BODY, PLACED, cloud_event, delivered


@dataclass
class Consumer:
    failure: Exception | None = None
    seen: list[tuple[Event, bytes]] = field(default_factory=list)

    def __call__(self, event: Event, body: bytes) -> None:
        if self.failure is not None:
            raise self.failure
        self.seen.append((event, body))


@dataclass
class DeadLetters:
    failure: Exception | None = None
    put: list[tuple[Letter, str]] = field(default_factory=list)

    def __call__(self, letter: Letter, reason: str) -> None:
        if self.failure is not None:
            raise self.failure
        self.put.append((letter, reason))


def test_a_consumer_gets_the_event_and_its_own_json() -> None:
    consumer, dead = Consumer(), DeadLetters()
    consumed(delivered(cloud_event()), consumer, dead)
    ((event, body),) = consumer.seen
    assert event == PLACED
    assert json.loads(body) == json.loads(BODY)
    assert dead.put == []


def test_the_events_json_is_what_was_delivered_byte_for_byte() -> None:
    consumer = Consumer()
    spaced = BODY.replace(b",", b" , ")
    consumed(delivered(b'{"specversion": "1.0", "data": ' + spaced + b', "id": "1"}'), consumer, DeadLetters())
    assert consumer.seen == [(PLACED, spaced)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"specversion": "1.0", "data": ' + b"[" * 100_000,
        b"null",
        b"[]",
        BODY,
        cloud_event(data=b"{}"),
        cloud_event(data=b'"text"'),
        cloud_event(data=None),
        cloud_event(specversion="0.3"),
        cloud_event(specversion=None),
        cloud_event(data=None, data_base64="e30="),
    ],
)
def test_what_is_no_event_goes_to_the_dead_letters_at_once_with_the_reason(body: bytes) -> None:
    consumer, dead = Consumer(), DeadLetters()
    consumed(delivered(body, {"tier": "high"}), consumer, dead)
    ((letter, reason),) = dead.put
    assert letter == Letter(id="7:m1", body=body, attributes={"tier": "high", "delivery_attempt": "2"})
    assert reason.startswith("malformed: ")
    assert consumer.seen == []


def test_what_a_service_says_can_never_succeed_goes_there_too() -> None:
    dead = DeadLetters()
    consumed(delivered(cloud_event()), Consumer(NotFoundError("there is no order ord_1")), dead)
    assert [reason for _, reason in dead.put] == ["not-found: there is no order ord_1"]


@pytest.mark.parametrize("failure", [RetryableError("not now"), RuntimeError("a bug"), KeyError("tenant")])
def test_whatever_may_succeed_the_next_time_is_raised(failure: Exception) -> None:
    dead = DeadLetters()
    with pytest.raises(type(failure)):
        consumed(delivered(cloud_event()), Consumer(failure), dead)
    assert dead.put == []


def test_what_cannot_be_put_away_comes_again() -> None:
    with pytest.raises(RetryableError):
        consumed(delivered(b"no event"), Consumer(), DeadLetters(RetryableError("Service Bus does not answer")))


@pytest.mark.parametrize(
    ("body", "failure"),
    [(cloud_event(), RetryableError("not now")), (b"no event", RetryableError("Service Bus does not answer"))],
)
def test_what_comes_again_is_held_first_since_service_bus_would_give_it_to_the_next_at_once(
    body: bytes, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[float] = []
    monkeypatch.setenv("ORDERLY_HELD_SECONDS", "25")
    monkeypatch.setattr("functions.entrypoints.azure.messages.time.sleep", held.append)
    with pytest.raises(RetryableError):
        consumed(delivered(body), Consumer(failure), DeadLetters(failure))
    (seconds,) = held
    assert 0 < seconds <= 25


def test_what_was_done_or_refused_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERLY_HELD_SECONDS", "25")
    monkeypatch.setattr("functions.entrypoints.azure.messages.time.sleep", lambda _: pytest.fail("it was held"))
    consumed(delivered(cloud_event()), Consumer(), DeadLetters())
    consumed(delivered(b"no event"), Consumer(), DeadLetters())


def test_a_line_has_the_messages_id_its_try_and_the_orders() -> None:
    lines: list[str] = []
    formatter = logs.JsonFormatter(function="fulfil", stage="dev")
    consumed(
        delivered(cloud_event()),
        lambda *_: lines.append(formatter.format(logging.makeLogRecord({"msg": "at work"}))),
        DeadLetters(),
    )
    line = json.loads(lines[0])
    assert (line["message_id"], line["delivery_attempt"]) == ("m1", "2")
    assert (line["order_id"], line["tenant"]) == (PLACED.order_id, PLACED.tenant)


@given(st.binary() | st.text().map(str.encode))
def test_whatever_is_delivered_is_consumed_or_refused(body: bytes) -> None:
    consumer, dead = Consumer(), DeadLetters()
    consumed(delivered(body), consumer, dead)
    assert len(consumer.seen) + len(dead.put) == 1
