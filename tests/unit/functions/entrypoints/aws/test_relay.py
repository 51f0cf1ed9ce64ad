"""The stream's records go to the bus in their order, and none overtakes one that failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from functions.entrypoints.aws.relay import relayed
from functions.services.relay_events import RelayEvents
from tests.unit.functions.orders import NOON, placed

ORDER, (PLACED,) = placed()
_, (CANCELLED,) = ORDER.cancel(NOON)


@dataclass
class Bus:
    failure: Exception | None = None
    published: list[Event] = field(default_factory=list)

    def publish(self, events: Sequence[Event]) -> None:
        if self.failure is not None:
            raise self.failure
        self.published += events


def record(number: int, body: str | None) -> dict[str, Any]:
    image = {"kind": {"S": "event"}, **({} if body is None else {"body": {"S": body}})}
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{number}00", "NewImage": image}}


def records(*bodies: str | None) -> list[dict[str, Any]]:
    return [record(number, body) for number, body in enumerate(bodies, 1)]


EVENTS = (encode_event(PLACED).decode(), encode_event(CANCELLED).decode())


def test_every_record_is_published_in_the_streams_order() -> None:
    bus = Bus()
    assert relayed(records(*EVENTS), RelayEvents(bus)) == {"batchItemFailures": []}
    assert bus.published == [PLACED, CANCELLED]


def test_when_the_bus_fails_everything_comes_again() -> None:
    bus = Bus(failure=RetryableError("the bus does not answer"))
    assert relayed(records(*EVENTS), RelayEvents(bus)) == {"batchItemFailures": [{"itemIdentifier": "100"}]}


@pytest.mark.parametrize("body", ["no json", "{}", None])
def test_what_comes_before_an_unreadable_record_is_published_and_the_rest_comes_again(body: str | None) -> None:
    bus = Bus()
    outcome = relayed(records(EVENTS[0], body, EVENTS[1]), RelayEvents(bus))
    assert outcome == {"batchItemFailures": [{"itemIdentifier": "200"}]}
    assert bus.published == [PLACED]


def test_an_unreadable_record_hides_no_failure_of_the_bus() -> None:
    bus = Bus(failure=RetryableError("the bus does not answer"))
    outcome = relayed(records(EVENTS[0], "no json"), RelayEvents(bus))
    assert outcome == {"batchItemFailures": [{"itemIdentifier": "100"}]}
