"""A document of the feed is published, set apart, or comes again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from google.events.cloud.firestore import Document, DocumentEventData, Value
from hypothesis import given
from hypothesis import strategies as st

from functions.api.messages import Request, Response
from functions.api.problems import ProblemError
from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from functions.entrypoints.answers import answered
from functions.entrypoints.gcp.dead_letters import Letter
from functions.entrypoints.gcp.relay import CREATED, Relay
from functions.services.relay_events import RelayEvents
from tests.unit.functions.entrypoints.gcp.calls import posted
from tests.unit.functions.orders import NOON, placed

_, (PLACED,) = placed()
BODY = encode_event(PLACED)
DOCUMENT = f"users/acme/orders/{PLACED.order_id}/events/000001"
ATTRIBUTES = {
    "event_type": "order.placed",
    "tenant": "acme",
    "tier": "standard",
    "total_minor": "3998",
    "currency": "EUR",
}


def document(**fields: Value) -> bytes:
    name = f"projects/p/databases/orders/documents/{DOCUMENT}"
    return bytes(DocumentEventData.serialize(DocumentEventData(value=Document(name=name, fields=fields))))


CREATION = document(body=Value(bytes_value=BODY))


def created(body: bytes = CREATION, **changed: str | None) -> Request:
    """As Eventarc calls: a CloudEvent in binary mode. A header that is None is left out."""
    headers = {
        "content_type": "application/protobuf",
        "ce_type": CREATED,
        "ce_id": "e1",
        "ce_source": "//firestore.googleapis.com/projects/p/databases/orders",
        "ce_time": NOON.isoformat().replace("+00:00", ".123456789Z"),
        "ce_document": DOCUMENT,
        "ce_specversion": "1.0",
        **changed,
    }
    return posted(body, **{name: value for name, value in headers.items() if value is not None})


@dataclass
class Bus:
    failure: Exception | None = None
    published: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        if self.failure is not None:
            raise self.failure
        self.published += events


@dataclass
class Feed:
    """The relay with what it writes to, `age` after the document was written."""

    bus: Bus = field(default_factory=Bus)
    age: timedelta = timedelta(seconds=1)
    dead: list[tuple[Letter, str]] = field(default_factory=list)
    unkind: Exception | None = None

    def call(self, request: Request) -> Response:
        relay = Relay(relay_events=RelayEvents(self.bus), high_value_minor=10_000, now=self.now, refuse=self.refuse)
        return relay(request)

    def now(self) -> datetime:
        return NOON + self.age

    def refuse(self, letter: Letter, reason: str) -> None:
        if self.unkind is not None:
            raise self.unkind
        self.dead.append((letter, reason))


@pytest.mark.parametrize("value", [Value(bytes_value=BODY), Value(string_value=BODY.decode())], ids=["bytes", "text"])
def test_an_event_that_was_written_is_published(value: Value) -> None:
    feed = Feed()
    assert feed.call(created(document(body=value))).status == 204
    assert (feed.bus.published, feed.dead) == ([PLACED], [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff" * 50,
        b'{"value": {}}',
        document(),
        document(body=Value(integer_value=7)),
        document(body=Value(string_value="no json")),
        document(body=Value(bytes_value=b"\xff\xfe")),
        document(status=Value(string_value="PLACED")),
    ],
)
def test_what_is_no_event_is_set_apart_at_once(body: bytes) -> None:
    feed = Feed()
    assert feed.call(created(body)).status == 204
    ((letter, reason),) = feed.dead
    assert letter == Letter(body=body, attributes={"document": DOCUMENT})
    assert reason.startswith("malformed: ")
    assert feed.bus.published == []


def test_a_document_that_was_changed_is_set_apart_and_not_published() -> None:
    feed = Feed()
    feed.call(created(ce_type="google.cloud.firestore.document.v1.updated"))
    assert feed.bus.published == []
    assert [reason for _, reason in feed.dead] == [
        f"malformed: this is an event of the type google.cloud.firestore.document.v1.updated, not {CREATED}"
    ]


def test_when_the_bus_fails_the_event_comes_again() -> None:
    feed = Feed(Bus(RetryableError("the bus does not answer")))
    with pytest.raises(RetryableError):
        feed.call(created())
    assert feed.dead == []


@pytest.mark.parametrize(
    ("age", "is_set_apart"), [(timedelta(hours=23), False), (timedelta(hours=23, seconds=1), True)]
)
def test_an_event_that_eventarc_will_give_up_soon_is_set_apart_as_it_is_published(
    age: timedelta, is_set_apart: bool
) -> None:
    feed = Feed(Bus(RetryableError("the bus does not answer")), age=age)
    if not is_set_apart:
        with pytest.raises(RetryableError):
            feed.call(created())
        return
    assert feed.call(created()).status == 204
    assert feed.dead == [
        (Letter(body=BODY, attributes=ATTRIBUTES), "RetryableError: the bus does not answer"),
    ]


def test_an_old_event_is_published_all_the_same() -> None:
    feed = Feed(age=timedelta(hours=40))
    feed.call(created())
    assert (feed.bus.published, feed.dead) == ([PLACED], [])


@pytest.mark.parametrize("time", [None, "", "noon", "2026-01-02T12:00:00"])
def test_an_event_of_no_known_age_is_never_given_up(time: str | None) -> None:
    feed = Feed(Bus(RetryableError("the bus does not answer")), age=timedelta(days=9))
    with pytest.raises(RetryableError):
        feed.call(created(ce_time=time))


def test_what_cannot_be_set_apart_comes_again() -> None:
    feed = Feed(unkind=RetryableError("Pub/Sub does not answer"))
    with pytest.raises(RetryableError):
        feed.call(created(b""))


@pytest.mark.parametrize("age", [timedelta(seconds=1), timedelta(hours=23, minutes=59)])
def test_while_pubsub_is_out_every_call_fails_and_eventarc_keeps_the_event(age: timedelta) -> None:
    """Dead letters are in Pub/Sub too."""
    out = RetryableError("Pub/Sub does not answer")
    feed = Feed(Bus(out), age=age, unkind=out)
    assert answered(feed.call, created()).status == 503
    feed.bus.failure = feed.unkind = None
    assert answered(feed.call, created()).status == 204
    assert (feed.bus.published, feed.dead) == ([PLACED], [])


@pytest.mark.parametrize("header", ["ce_type", "ce_id", "ce_document"])
def test_what_is_no_cloud_event_is_the_callers_mistake(header: str) -> None:
    feed = Feed()
    with pytest.raises(ProblemError) as refused:
        feed.call(created(CREATION, **{header: None}))
    assert refused.value.type.status == 400
    assert (feed.bus.published, feed.dead) == ([], [])


def test_only_a_post_is_an_event() -> None:
    with pytest.raises(ProblemError) as refused:
        Feed().call(Request(method="GET", path="/", headers=created().headers))
    assert refused.value.type.status == 405


@given(st.binary())
def test_whatever_the_body_is_the_event_is_done_with(body: bytes) -> None:
    feed = Feed()
    assert feed.call(created(body)).status == 204
    assert len(feed.dead) == 1
