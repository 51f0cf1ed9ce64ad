"""What the feed reports is published in its order, passed over, set apart, or comes again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from functions.adapters.azure.ports import AzurePorts
from functions.adapters.azure.rest import RefusedError
from functions.adapters.http.client import Reply
from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from functions.entrypoints.azure.dead_letters import MAX_BODY_BYTES, Letter
from functions.entrypoints.azure.relay import PATIENCE, Relay
from functions.environment import Environment, Variable
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
EVENT_GRID = AzurePorts(Environment({Variable.EVENT_BUS: "https://bus.example"})).publisher.topic
OF_COSMOS_DB = {"_etag": '"00000000-0000-0000-0000-000000000000"', "_ts": "1767355200"}


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


def nested(depth: int) -> list[Any]:
    lists: list[Any] = []
    for _ in range(depth):
        lists = [lists]
    return lists


def refusal(status: int) -> RefusedError:
    """As the bus itself makes it of an answer, which may quote what was sent."""
    return EVENT_GRID.refused(Reply(status=status, body=b"Event Grid answered 400: no"))


TOO_LARGE = refusal(413)


@dataclass
class Bus:
    """Takes events, but for the orders in `refused`, and while there is a `failure`."""

    failure: Exception | None = None
    refused: Mapping[str, Exception] = field(default_factory=dict)
    asked: int = 0
    calls: list[list[Event]] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        for event in events:
            if event.order_id in self.refused:
                raise self.refused[event.order_id]
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
    assert told == {"tenant": "acme", "id": letter.id, "order_id": PLACED.order_id, **OF_COSMOS_DB}
    assert reason.startswith("malformed: ")
    assert feed.bus.calls == [[ANOTHER]]


@pytest.mark.parametrize("name", ["id", "tenant", "order_id", "_ts", "_etag", "of nobody"])
@pytest.mark.parametrize(
    "value",
    ["half a pair \ud800", "\u00fc" * 300_000, "\x00", 10**4000, nested(5000), {}, None, 0.5],
    ids=["surrogate", "large", "control", "number", "list", "object", "null", "fraction"],
)
def test_whatever_a_document_says_of_itself_makes_a_letter_that_can_be_sent(name: str, value: object) -> None:
    feed = Feed()
    feed.call({**document(PLACED, body="no json"), name: value}, document(ANOTHER))
    ((letter, _),) = feed.dead
    assert len(letter.body) <= MAX_BODY_BYTES
    assert "of nobody" not in json.loads(letter.body)
    assert feed.bus.calls == [[ANOTHER]]


def test_what_is_no_event_is_set_apart_once_although_the_events_beside_it_come_again() -> None:
    feed = Feed(Bus(RetryableError("the bus does not answer")))
    documents = document(PLACED, body="no json"), document(ANOTHER)
    for attempt in (1, 2, PATIENCE):
        with pytest.raises(RetryableError):
            feed.call(*documents, attempt=attempt)
    assert feed.dead == []
    feed.bus.failure = None
    feed.call(*documents, attempt=PATIENCE + 1)
    assert (feed.bus.calls, len(feed.dead)) == ([[ANOTHER]], 1)


@pytest.mark.parametrize("attempt", [1, 2, PATIENCE - 1])
@pytest.mark.parametrize("failure", [RetryableError("the bus does not answer"), TOO_LARGE, RuntimeError("a bug")])
def test_while_the_bus_fails_the_whole_batch_comes_again(failure: Exception, attempt: int) -> None:
    feed = Feed(Bus(failure))
    with pytest.raises(type(failure)):
        feed.call(document(PLACED), document(ANOTHER), attempt=attempt)
    assert (feed.bus.asked, feed.dead) == (1, [])


@pytest.mark.parametrize(
    "failure",
    [RetryableError("the bus does not answer"), RuntimeError("a bug"), *map(refusal, [401, 403, 404, 405, 410, 429])],
    ids=str,
)
def test_an_outage_sets_nothing_apart_however_long_it_lasts(failure: Exception) -> None:
    feed = Feed(Bus(failure))
    with pytest.raises(type(failure)):
        feed.call(document(PLACED), document(ANOTHER), attempt=PATIENCE * 100)
    assert (feed.bus.asked, feed.dead) == (1, [])


def test_an_outage_while_single_events_are_tried_sets_none_of_them_apart() -> None:
    outage = RetryableError("the bus does not answer")
    feed = Feed(Bus(refused={PLACED.order_id: TOO_LARGE, ANOTHER.order_id: outage}))
    with pytest.raises(RetryableError):
        feed.call(document(PLACED), document(ANOTHER), document(PLACED), attempt=PATIENCE)
    assert (feed.bus.calls, feed.dead) == ([], [])


@pytest.mark.parametrize("attempt", [PATIENCE, PATIENCE + 1])
@pytest.mark.parametrize("status", [400, 413])
def test_after_that_what_the_bus_never_takes_is_set_apart_and_what_it_takes_goes_on(status: int, attempt: int) -> None:
    feed = Feed(Bus(refused={PLACED.order_id: refusal(status)}))
    feed.call(document(PLACED), document(ANOTHER), attempt=attempt)
    assert feed.bus.calls == [[ANOTHER]]
    assert feed.dead == [
        (
            Letter(id=PLACED.id, body=encode_event(PLACED), attributes=ATTRIBUTES),
            f"RefusedError: Event Grid answered {status}: Event Grid answered 400: no",
        )
    ]


@pytest.mark.parametrize("place", [0, 1, 49, 98, 99])
def test_one_that_is_never_taken_is_found_among_many_in_a_few_calls_and_the_others_keep_their_order(place: int) -> None:
    events = [replace(ANOTHER, version=version) for version in range(1, 101)]
    events[place] = PLACED
    feed = Feed(Bus(refused={PLACED.order_id: TOO_LARGE}))
    feed.call(*map(document, events), attempt=PATIENCE)
    assert [event for call in feed.bus.calls for event in call] == events[:place] + events[place + 1 :]
    assert [letter.id for letter, _ in feed.dead] == [PLACED.id]
    assert feed.bus.asked <= 15


def test_an_event_that_is_too_large_for_a_message_is_set_apart_as_where_it_is() -> None:
    large = replace(PLACED, details={"note": "x" * MAX_BODY_BYTES})
    feed = Feed(Bus(refused={PLACED.order_id: TOO_LARGE}))
    feed.call(document(large), attempt=PATIENCE)
    ((letter, _),) = feed.dead
    assert (letter.id, letter.attributes) == (PLACED.id, ATTRIBUTES)
    assert json.loads(letter.body)["id"] == f"event-{PLACED.order_id}-000001"


def test_a_batch_that_comes_for_the_last_time_is_published_all_the_same_if_the_bus_is_back() -> None:
    feed = Feed()
    feed.call(document(PLACED), attempt=PATIENCE + 5)
    assert (feed.bus.calls, feed.dead) == ([[PLACED]], [])


@pytest.mark.parametrize("documents", [[document(PLACED, body="no json")], [document(PLACED)]])
def test_what_cannot_be_set_apart_comes_again(documents: list[dict[str, Any]]) -> None:
    feed = Feed(Bus(TOO_LARGE), unkind=RetryableError("Service Bus does not answer"))
    with pytest.raises(RetryableError):
        feed.call(*documents, attempt=PATIENCE)
