"""What Event Grid asks of the publisher."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from functions.adapters.azure.clients import NoTokenError
from functions.adapters.azure.events import MAX_BYTES, EventGridEvents
from functions.adapters.azure.rest import RefusedError
from functions.codec import encode_event
from functions.domain.errors import RetryableError
from functions.domain.events import Event
from tests.conformance.azure_target import AzureTarget
from tests.unit.functions.orders import placed


def large(kilobytes: int) -> Event:
    return replace(placed()[1][0], details={"message": "x" * 1000 * kilobytes})


def unhurried(publisher: EventGridEvents) -> EventGridEvents:
    return replace(publisher, topic=replace(publisher.topic, pause=lambda _: None))


def test_an_event_is_a_cloud_event_whose_data_are_the_events_own_json(azure: AzureTarget) -> None:
    _, (event,) = placed()
    azure.publisher.publish([event])
    assert azure.topic.events == [
        {
            "specversion": "1.0",
            "id": event.id,
            "source": "orderly",
            "type": "order.placed",
            "subject": event.order_id,
            "time": "2026-01-02T12:00:00.000+00:00",
            "datacontenttype": "application/json",
            "data": json.loads(encode_event(event)),
        }
    ]


def test_a_call_holds_a_megabyte_at_most(azure: AzureTarget) -> None:
    azure.publisher.publish([large(size) for size in (400, 400, 400, 1, 900, 100)])
    assert [len(call) for call in azure.topic.calls] == [2, 2, 1, 1]
    assert all(len(json.dumps(call)) <= MAX_BYTES for call in azure.topic.calls)


def test_an_event_that_no_call_takes_is_refused_at_once(azure: AzureTarget) -> None:
    with pytest.raises(RefusedError, match="Event Grid answered 413"):
        azure.publisher.publish([large(1100)])


@pytest.mark.parametrize("status", [None, 408, 429, 500, 503])
def test_a_call_that_failed_is_made_again(azure: AzureTarget, status: int | None) -> None:
    azure.topic.statuses = [status]
    unhurried(azure.publisher).publish(placed()[1])
    assert len(azure.topic.events) == 1


def test_a_call_without_a_token_is_made_again(azure: AzureTarget) -> None:
    failures, good = [NoTokenError(Exception())], azure.publisher.topic.token

    def token() -> str:
        if failures:
            raise failures.pop()
        return good()

    topic = replace(azure.publisher.topic, token=token)
    unhurried(replace(azure.publisher, topic=topic)).publish(placed()[1])
    assert len(azure.topic.events) == 1


def test_a_topic_that_is_always_busy_may_be_asked_later(azure: AzureTarget) -> None:
    azure.topic.statuses = [503] * 3
    with pytest.raises(RetryableError, match="Event Grid"):
        unhurried(azure.publisher).publish(placed()[1])


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_does_not_pass_by_itself_is_no_passing_fault(azure: AzureTarget, status: int) -> None:
    azure.topic.statuses = [status]
    with pytest.raises(RefusedError, match=f"Event Grid answered {status}"):
        azure.publisher.publish(placed()[1])
    assert azure.topic.events == []


def test_the_fake_takes_no_token_that_is_for_something_else(azure: AzureTarget) -> None:
    token = azure.clients.token_for("https://storage.azure.com/.default")
    with pytest.raises(RefusedError, match="401"):
        replace(azure.publisher, topic=replace(azure.publisher.topic, token=token)).publish(placed()[1])
