"""What Pub/Sub asks of the publisher."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from google.api_core import exceptions
from google.api_core.retry import Retry

from components.gcp._feed import PATIENCE
from functions.adapters.gcp.clients import LAST_ATTEMPT_SECONDS, PUBLISHING_SECONDS
from functions.adapters.gcp.events import MAX_BYTES, PubSubEvents
from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from tests.conformance.gcp_target import GcpTarget
from tests.conformance.worlds import HIGH_VALUE_MINOR
from tests.unit.functions.orders import placed


@dataclass
class Publisher:
    """Notes each call of Publish, or fails as it is told."""

    failure: Exception | None = None
    calls: list[list[Any]] = field(default_factory=list)
    limits: list[tuple[float, float | None]] = field(default_factory=list)
    """Of each call: the seconds that it may take, and how long attempts are begun."""

    def publish(self, *, topic: str, messages: list[Any], retry: Retry, timeout: float) -> None:
        assert topic == "projects/p/topics/orders"
        if self.failure:
            raise self.failure
        self.calls.append(messages)
        self.limits.append((timeout, retry.timeout))


def events_over(publisher: Any) -> PubSubEvents:  # noqa: ANN401 -- stands in for the client
    return PubSubEvents(publisher, "projects/p/topics/orders", HIGH_VALUE_MINOR)


def large(kilobytes: int) -> Event:
    return replace(placed()[1][0], details={"message": "x" * 1000 * kilobytes})


def test_a_message_is_the_events_own_json_and_its_attributes_are_text(gcp: GcpTarget) -> None:
    _, (event,) = placed()
    gcp.publisher.publish([event])
    (message,) = gcp.delivered("all")
    assert message.data == encode_event(event)
    assert json.loads(message.data)["id"] == event.id
    assert dict(message.attributes) == {
        "event_type": "order.placed",
        "tenant": "acme",
        "tier": "standard",
        "total_minor": "3998",
        "currency": "EUR",
    }
    assert not message.ordering_key


def test_a_call_holds_a_thousand_events_and_nine_megabytes_at_most() -> None:
    publisher = Publisher()
    sizes = [1] * 1001 + [4000, 4000, 4000, 1]
    events_over(publisher).publish([large(size) for size in sizes])
    assert [len(call) for call in publisher.calls] == [1000, 3, 2]
    assert all(sum(len(message.data) for message in call) <= MAX_BYTES for call in publisher.calls)


def test_every_call_has_a_timeout_in_which_its_last_attempt_can_end() -> None:
    publisher = Publisher()
    events_over(publisher).publish(placed()[1])
    assert publisher.limits == [(PUBLISHING_SECONDS, PUBLISHING_SECONDS - LAST_ATTEMPT_SECONDS)]


def test_eventarc_waits_until_an_event_was_published_in_vain_and_set_apart() -> None:
    assert PATIENCE.total_seconds() > 2 * PUBLISHING_SECONDS


@pytest.mark.parametrize("status", [503, 504])
def test_a_busy_topic_may_be_asked_again(status: int) -> None:
    busy = Publisher(exceptions.from_http_status(status, "busy"))  # type: ignore[no-untyped-call]
    with pytest.raises(RetryableError, match="Pub/Sub"):
        events_over(busy).publish(placed()[1])


def test_a_topic_that_is_not_there_is_no_passing_fault(gcp: GcpTarget) -> None:
    with pytest.raises(exceptions.NotFound):
        replace(gcp.publisher, topic="projects/orderly-test/topics/another").publish(placed()[1])
