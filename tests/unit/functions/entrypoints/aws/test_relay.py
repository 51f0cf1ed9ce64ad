"""The stream's records go to the bus in their order, none overtakes an event that was not published, none is lost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from functions.entrypoints.aws.relay import Outcome, relayed
from functions.services.relay_events import RelayEvents
from tests.unit.functions.orders import NOON, placed

ORDER, (PLACED,) = placed()
_, (CANCELLED,) = ORDER.cancel(NOON)
NOTHING_FAILED: Outcome = {"batchItemFailures": []}


@dataclass
class Feed:
    """Takes what is published and what is set apart, in one order; each stops for good after so many."""

    published_at_most: int = 100
    set_apart_at_most: int = 100
    calls: list[list[Event]] = field(default_factory=list)
    dead: list[tuple[Any, str]] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        if len(self.published) + len(events) > self.published_at_most:
            raise RetryableError("the bus does not answer")
        self.calls.append([*events])
        self.seen += [event.id for event in events]

    def put(self, body: str, reason: str) -> None:
        if len(self.dead) == self.set_apart_at_most:
            raise RetryableError("the queue does not answer")
        self.dead.append((json.loads(body), reason))
        self.seen.append("dead")

    @property
    def published(self) -> list[Event]:
        return [event for call in self.calls for event in call]

    def relayed(self, *bodies: str | None) -> Outcome:
        return relayed(records(*bodies), RelayEvents(self), self.put)


def keys(number: int) -> dict[str, Any]:
    return {"pk": {"S": "TENANT#acme#ORDER#1"}, "sk": {"S": f"EVENT#{number:06}"}}


def record(number: int, body: str | None) -> dict[str, Any]:
    image = {**keys(number), "kind": {"S": "event"}, **({} if body is None else {"body": {"S": body}})}
    change = {"Keys": keys(number), "SequenceNumber": f"{number}00", "NewImage": image}
    return {"eventName": "INSERT", "dynamodb": change}


def records(*bodies: str | None) -> list[dict[str, Any]]:
    return [record(number, body) for number, body in enumerate(bodies, 1)]


def came_again(number: int) -> Outcome:
    return {"batchItemFailures": [{"itemIdentifier": f"{number}00"}]}


FIRST, SECOND = encode_event(PLACED).decode(), encode_event(CANCELLED).decode()
UNREADABLE = ["no json", "{}", None]


def test_every_record_is_published_in_the_streams_order_by_one_call() -> None:
    feed = Feed()
    assert feed.relayed(FIRST, SECOND) == NOTHING_FAILED
    assert (feed.calls, feed.dead) == ([[PLACED, CANCELLED]], [])


def test_when_the_bus_fails_everything_comes_again() -> None:
    feed = Feed(published_at_most=0)
    assert feed.relayed(FIRST, SECOND) == came_again(1)


@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_no_event_holds_up_nothing_behind_it(body: str | None) -> None:
    feed = Feed()
    assert feed.relayed(FIRST, body, SECOND) == NOTHING_FAILED
    assert feed.published == [PLACED, CANCELLED]


@pytest.mark.parametrize("body", UNREADABLE)
def test_what_is_no_event_is_set_apart_with_where_it_is_and_why(body: str | None) -> None:
    feed = Feed()
    feed.relayed(FIRST, body)
    ((where, reason),) = feed.dead
    assert where == {"Keys": keys(2), "SequenceNumber": "200"}
    assert reason.startswith("malformed: ")


def test_what_is_no_event_is_set_apart_only_once_all_before_it_is_published() -> None:
    feed = Feed(published_at_most=0)
    assert feed.relayed(FIRST, "no json") == came_again(1)
    assert feed.dead == []


def test_what_was_set_apart_does_not_come_again_with_an_event_behind_it() -> None:
    feed = Feed(published_at_most=1)
    assert feed.relayed(FIRST, "no json", SECOND) == came_again(3)
    assert feed.seen == [PLACED.id, "dead"]


def test_a_record_that_cannot_be_set_apart_comes_again_and_nothing_overtakes_it() -> None:
    feed = Feed(set_apart_at_most=1)
    assert feed.relayed("no json", FIRST, None, SECOND) == came_again(3)
    assert feed.seen == ["dead", PLACED.id]


def test_a_batch_without_any_event_is_set_apart_as_a_whole() -> None:
    feed = Feed()
    assert feed.relayed(*UNREADABLE) == NOTHING_FAILED
    assert (len(feed.dead), feed.calls) == (3, [])
