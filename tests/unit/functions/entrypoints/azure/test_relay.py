"""What the feed reports is published in its order, passed over, set apart, or comes again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from functions.entrypoints.azure.dead_letters import Letter
from functions.entrypoints.azure.relay import PATIENCE, Relay
from functions.services.relay_events import RelayEvents
from tests.unit.functions.orders import CUPS, placed

_, (PLACED,) = placed()
_, (ANOTHER,) = placed(CUPS)
ATTRIBUTES = {
    "event_type": "order.placed",
    "tenant": "acme",
    "tier": "standard",
    "total_minor": "3998",
    "currency": "EUR",
}


def document(event: Event, **changed: object) -> dict[str, Any]:
    """An item of the container, with what Cosmos DB adds to one."""
    return {
        "id": f"event-{event.order_id}-000001",
        "tenant": event.tenant,
        "kind": "event",
        "order_id": event.order_id,
        "body": encode_event(event).decode(),
        "_etag": '"00000000-0000-0000-0000-000000000000"',
        "_ts": 1767355200,
        **changed,
    }


@dataclass
class Bus:
    """Takes events, but for the orders in `refused`, and while there is a `failure`."""

    failure: Exception | None = None
    refused: set[str] = field(default_factory=set)
    calls: list[list[Event]] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        if self.failure is not None:
            raise self.failure
        if self.refused.intersection(event.order_id for event in events):
            raise RuntimeError("the bus will never take this")
        self.calls.append(list(events))


@dataclass
class Feed:
    """The relay with what it writes to."""

    bus: Bus = field(default_factory=Bus)
    dead: list[tuple[Letter, str]] = field(default_factory=list)
    unkind: Exception | None = None

    def call(self, *documents: Mapping[str, object], attempt: int = 1) -> None:
        relay = Relay(relay_events=RelayEvents(self.bus), high_value_minor=10_000, refuse=self.refuse)
        relay(documents, attempt=attempt)

    def refuse(self, letter: Letter, reason: str) -> None:
        if self.unkind is not None:
            raise self.unkind
        self.dead.append((letter, reason))


def test_events_are_published_by_one_call_in_the_feeds_order() -> None:
    feed = Feed()
    feed.call(document(PLACED), document(ANOTHER))
    assert (feed.bus.calls, feed.dead) == ([[PLACED, ANOTHER]], [])


@pytest.mark.parametrize("kind", ["order", "key", None, 7, "EVENT"])
def test_a_document_of_another_kind_is_passed_over(kind: object) -> None:
    feed = Feed()
    feed.call(document(PLACED, kind=kind), document(ANOTHER))
    assert (feed.bus.calls, feed.dead) == ([[ANOTHER]], [])


def test_a_batch_without_an_event_asks_nothing_of_the_bus() -> None:
    feed = Feed(Bus(RuntimeError("it was asked")))
    feed.call(document(PLACED, kind="order"))
    feed.call()


@pytest.mark.parametrize("body", [None, 7, "", "no json", "{}", "\ud800", "[" * 100_000])
def test_what_is_no_event_is_set_apart_at_once_with_where_it_is(body: object) -> None:
    feed = Feed()
    feed.call(document(PLACED, body=body), document(ANOTHER))
    ((letter, reason),) = feed.dead
    assert letter.id == f"event-{PLACED.order_id}-000001"
    told = json.loads(letter.body)
    assert (told["tenant"], told["id"], "body" in told) == ("acme", letter.id, False)
    assert reason.startswith("malformed: ")
    assert feed.bus.calls == [[ANOTHER]]


@pytest.mark.parametrize("attempt", [1, 2, PATIENCE - 1])
def test_while_the_bus_fails_the_whole_batch_comes_again(attempt: int) -> None:
    feed = Feed(Bus(RetryableError("the bus does not answer")))
    with pytest.raises(RetryableError):
        feed.call(document(PLACED), document(ANOTHER), attempt=attempt)
    assert feed.dead == []


@pytest.mark.parametrize("attempt", [PATIENCE, PATIENCE + 1])
def test_after_that_what_the_bus_never_takes_is_set_apart_and_what_it_takes_goes_on(attempt: int) -> None:
    feed = Feed(Bus(refused={PLACED.order_id}))
    feed.call(document(PLACED), document(ANOTHER), attempt=attempt)
    assert feed.bus.calls == [[ANOTHER]]
    assert feed.dead == [
        (
            Letter(id=PLACED.id, body=encode_event(PLACED), attributes=ATTRIBUTES),
            "RuntimeError: the bus will never take this",
        )
    ]


def test_a_batch_that_comes_for_the_last_time_is_published_all_the_same_if_the_bus_is_back() -> None:
    feed = Feed()
    feed.call(document(PLACED), attempt=PATIENCE + 5)
    assert (feed.bus.calls, feed.dead) == ([[PLACED]], [])


@pytest.mark.parametrize("documents", [[document(PLACED, body="no json")], [document(PLACED)]])
def test_what_cannot_be_set_apart_comes_again(documents: list[dict[str, Any]]) -> None:
    feed = Feed(Bus(RuntimeError("the bus will never take this")), unkind=RetryableError("Service Bus does not answer"))
    with pytest.raises(RetryableError):
        feed.call(*documents, attempt=PATIENCE)
