"""What EventBridge asks of the publisher."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions.adapters.aws.events import EventBridgeEvents, EventsRefusedError
from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from tests.conformance.aws.calls import recorded, scripted
from tests.conformance.aws_target import AwsTarget
from tests.unit.functions.orders import NOON, placed


def large(kilobytes: int) -> Event:
    return replace(placed()[1][0], details={"message": "x" * 1024 * kilobytes})


def test_an_event_on_the_bus_says_who_what_and_when(aws: AwsTarget) -> None:
    _, (event,) = placed()
    ports, calls = recorded(aws)
    ports.publisher.publish([event])
    on_the_bus = json.loads(aws.delivered("events")[0])
    assert (on_the_bus["source"], on_the_bus["detail-type"]) == ("orderly", "order.placed")
    assert calls[0].request["Entries"][0]["Time"] == NOON  # ministack puts its own there
    assert on_the_bus["detail"] == json.loads(encode_event(event))


def test_a_call_holds_ten_events_and_256_kilobytes_at_most(aws: AwsTarget) -> None:
    ports, calls = recorded(aws)
    sizes = [1] * 11 + [100] * 5 + [250, 1]
    ports.publisher.publish([large(size) for size in sizes])
    assert [len(call.request["Entries"]) for call in calls] == [10, 3, 2, 1, 2]
    assert len(aws.published()) == len(sizes)


def test_events_that_the_bus_refused_come_again() -> None:
    client, events = scripted("events")
    events.add_response(
        "put_events",
        {"FailedEntryCount": 1, "Entries": [{"EventId": "1"}, {"ErrorCode": "InternalFailure", "ErrorMessage": ""}]},
    )
    with pytest.raises(EventsRefusedError, match="1 of 2 events: InternalFailure"):
        EventBridgeEvents(client, "orders").publish([*placed()[1], *placed()[1]])
    assert issubclass(EventsRefusedError, RetryableError)


def test_a_busy_bus_may_be_asked_again() -> None:
    client, events = scripted("events")
    events.add_client_error("put_events", service_error_code="ThrottlingException")
    with pytest.raises(RetryableError, match="EventBridge"):
        EventBridgeEvents(client, "orders").publish(placed()[1])
