"""What plays Service Bus, Event Grid and Logic Apps refuses what Azure would: here by itself, on a few records."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from components.azure._messaging import sql_filter
from components.azure._ops_message import TEXT
from components.azure._roles import Role
from tests.azure.blob_fake import BlobFake
from tests.conformance.azure.world_records import BUS, TOPIC, assignment, queue, records, rule, subscription, topic
from tests.e2e.azure.world.access import Access
from tests.e2e.azure.world.event_grid import EventGrid
from tests.e2e.azure.world.expressions import Functions, evaluated
from tests.e2e.azure.world.service_bus import EXCEEDED, LockLostError, Message, ServiceBus, seconds, sent
from tests.e2e.azure.world.sql_filter import passes
from tests.e2e.world.http import Asked
from tests.engine.systems import until

ORDERS, DEAD = f"{BUS}/queues/orders", f"{BUS}/queues/dead"
AT_ONCE = 0.0


def bus(*made: Any, scale: float = 1.0) -> ServiceBus:  # noqa: ANN401 records
    return ServiceBus(records(*made), scale)


def bodies(messages: list[Message]) -> list[bytes]:
    return [each.body for each in messages]


def test_a_message_is_received_once_until_it_is_given_back() -> None:
    played = bus(queue("orders"))
    played.send(ORDERS, Message(body=b"one"))
    received = played.receive(ORDERS, wait_seconds=AT_ONCE)
    assert received
    assert played.receive(ORDERS, wait_seconds=AT_ONCE) is None
    played.abandon(ORDERS, received.lock)
    again = played.receive(ORDERS, wait_seconds=AT_ONCE)
    assert again
    assert (again.message.body, again.message.delivery, again.message.sequence) == (b"one", 2, 1)
    played.complete(ORDERS, again.lock)
    assert played.is_idle(ORDERS)


def test_a_lock_that_has_run_out_settles_nothing() -> None:
    played = bus(queue("orders", lockDuration="PT60S"), scale=0.0)
    played.send(ORDERS, Message(body=b"one"))
    first = played.receive(ORDERS, wait_seconds=AT_ONCE)
    assert first
    with pytest.raises(LockLostError):
        played.complete(ORDERS, first.lock)
    again = played.receive(ORDERS, wait_seconds=AT_ONCE, keeps_lock=True)
    assert again
    assert again.message.delivery == 2
    played.complete(ORDERS, again.lock)


def test_after_its_last_delivery_a_message_is_a_dead_letter_where_dead_letters_are_forwarded_to() -> None:
    played = bus(queue("orders", maxDeliveryCount=2, forwardDeadLetteredMessagesTo="dead"), queue("dead"))
    played.send(ORDERS, Message(body=b"one", properties={"event_type": "a"}))
    for _ in range(2):
        received = played.receive(ORDERS, wait_seconds=AT_ONCE)
        assert received
        played.abandon(ORDERS, received.lock)
    (dead,) = played.held(DEAD)
    assert dead.properties == {"event_type": "a", "DeadLetterReason": EXCEEDED}
    assert played.is_idle(ORDERS)


def test_dead_letters_that_are_forwarded_nowhere_stay_where_they_are() -> None:
    played = bus(queue("orders", maxDeliveryCount=1))
    played.send(ORDERS, Message(body=b"one"))
    received = played.receive(ORDERS, wait_seconds=AT_ONCE)
    assert received
    played.abandon(ORDERS, received.lock)
    assert bodies(played.dead(ORDERS)) == [b"one"]


def test_a_duplicate_is_dropped_where_duplicates_are_looked_for_and_for_as_long_as_ids_are_known() -> None:
    twice = (Message(id="same", body=b"one"), Message(id="same", body=b"two"))
    looked_for = queue("orders", requiresDuplicateDetection=True, duplicateDetectionHistoryTimeWindow="PT600S")
    for made, scale, left in ((looked_for, 1.0, 1), (looked_for, 0.0, 2), (queue("orders"), 1.0, 2)):
        played = bus(made, scale=scale)
        for message in twice:
            played.send(ORDERS, message)
        assert len(played.held(ORDERS)) == left


def test_a_subscription_forwards_what_its_rule_lets_pass_and_everything_while_it_has_none_of_its_own() -> None:
    common = (topic(), subscription(forwardTo="orders"), queue("orders"))
    for made, left in (((), [b"a", b"b"]), ((rule("event_type IN ('b')"),), [b"b"])):
        played = bus(*common, *made)
        for kind in ("a", "b"):
            played.send(TOPIC, Message(body=kind.encode(), properties={"event_type": kind}))
        assert bodies(played.held(ORDERS)) == left


def test_a_rule_beside_the_one_that_was_there_lets_pass_more_and_keeps_nothing_out() -> None:
    _, id_, values = rule("event_type IN ('b')")
    beside = ("servicebus.Rule", id_.replace("$Default", "beside"), values)
    played = bus(topic(), subscription(forwardTo="orders"), queue("orders"), beside)
    for each in ("a", "b"):
        played.send(TOPIC, Message(body=each.encode(), properties={"event_type": each}))
    assert bodies(played.held(ORDERS)) == [b"a", b"b"]


def test_what_is_not_there_takes_no_message() -> None:
    with pytest.raises(LookupError):
        bus(queue("orders")).send(f"{BUS}/queues/none", Message(body=b"one"))
    assert bus(queue("orders")).entity("another-bus", "orders") is None


def test_a_batch_by_http_is_sent_with_ids_and_properties() -> None:
    played = bus(queue("orders"))
    batch = [{"Body": "one", "BrokerProperties": {"MessageId": "m"}, "UserProperties": {"reason": "why"}}]
    asked = Asked(
        method="POST",
        headers=(("Content-Type", "application/vnd.microsoft.servicebus.json"),),
        body=json.dumps(batch).encode(),
    )
    assert sent(played, ORDERS, asked).status == 201
    (message,) = played.held(ORDERS)
    assert (message.id, message.body, message.properties) == ("m", b"one", {"reason": "why"})
    with pytest.raises(NotImplementedError):
        sent(played, ORDERS, Asked(method="POST", body=b"one"))


@pytest.mark.parametrize(
    ("where", "passing"),
    [({}, True), ({"tier": ("high",)}, True), ({"tier": ("low", "it's")}, False), ({"none": ("high",)}, False)],
)
def test_the_filters_that_the_components_write_are_decided(where: dict[str, tuple[str, ...]], passing: bool) -> None:
    assert passes(sql_filter(where))({"tier": "high", "kind": "a"}) is passing
    assert passes(sql_filter({**where, "kind": ("a",)}))({"tier": "high", "kind": "a"}) is passing


@pytest.mark.parametrize("expression", ["tier = 'high'", "1=0", "tier IN ('a') OR 1=1", "tier NOT IN ('a')"])
def test_a_filter_that_cannot_be_decided_is_no_filter_that_lets_pass(expression: str) -> None:
    with pytest.raises(NotImplementedError):
        passes(expression)


@pytest.mark.parametrize(("written", "read"), [("PT60S", 60), ("PT5M", 300), ("P7D", 604_800)])
def test_durations_are_read(written: str, read: float) -> None:
    assert seconds(written) == read
    with pytest.raises(NotImplementedError):
        seconds("PT1H30M")


EVENT = {"id": "e", "type": "order.placed", "subject": "o", "data": {"total_minor": 10_001}}
GRID, CONTAINER = "/topics/grid", "/accounts/a/blobServices/default/containers/dead-letters"


def deliveries(**filters: object) -> tuple[str, str, dict[str, Any]]:
    mapping = {"name": "event_type", "type": "Dynamic", "sourceField": "type"}
    destination = {"resourceId": ORDERS, "deliveryAttributeMappings": [mapping]}
    dead = {"resourceId": "/accounts/a", "blobContainerName": "dead-letters"}
    values = {
        "scope": GRID,
        "eventSubscriptionName": "rule",
        "filter": filters,
        "retryPolicy": {"maxDeliveryAttempts": 3},
        "deliveryWithResourceIdentity": {"destination": destination},
        "deadLetterWithResourceIdentity": {"deadLetterDestination": dead},
    }
    return "eventgrid.EventSubscription", f"{GRID}/rule", values


@contextmanager
def delivering(*made: Any) -> Iterator[tuple[EventGrid, BlobFake]]:  # noqa: ANN401 records
    """One event to whatever is subscribed, and all done."""
    grid = ("eventgrid.Topic", GRID, {"identity": {"principalId": "grid"}})
    known, blobs = records(grid, queue("orders"), *made), BlobFake("dead-letters")
    played = EventGrid(known, Access(known), ServiceBus(known, 1.0), {CONTAINER: blobs}, 0.001)
    with closing(played):
        played.taking(known.one("eventgrid.Topic"))([EVENT])
        until(lambda: not played.waiting)
        yield played, blobs


MAY_SEND = assignment(Role.SERVICE_BUS_SENDER, ORDERS, "grid")
MAY_KEEP = assignment(Role.BLOB_DATA_CONTRIBUTOR, CONTAINER, "grid")
ABOVE = {"operatorType": "NumberGreaterThan", "key": "data.total_minor", "value": 10_000}


@pytest.mark.parametrize(
    ("filters", "arrives"),
    [
        ({}, True),
        ({"includedEventTypes": ["order.placed"]}, True),
        ({"includedEventTypes": ["order.paid"]}, False),
        ({"advancedFilters": [ABOVE]}, True),
        ({"advancedFilters": [{**ABOVE, "value": 10_001}]}, False),
        ({"advancedFilters": [{**ABOVE, "key": "data.none"}]}, False),
    ],
)
def test_an_event_is_delivered_where_it_passes_with_the_mapped_properties(
    filters: dict[str, object], arrives: bool
) -> None:
    with delivering(deliveries(**filters), MAY_SEND) as (played, blobs):
        messages = played.bus.held(ORDERS)
    assert [each.properties for each in messages] == ([{"event_type": "order.placed"}] if arrives else [])
    assert blobs.blobs == {}


def test_what_the_topics_identity_may_not_send_is_a_dead_letter_or_lost() -> None:
    with delivering(deliveries(), MAY_KEEP) as (played, blobs):
        assert played.bus.held(ORDERS) == []
    ((name, content),) = blobs.blobs.items()
    assert name.startswith("rule/")
    assert json.loads(content)[0]["subject"] == "o"
    assert played.lost == []
    with delivering(deliveries()) as (played, blobs):
        assert (blobs.blobs, played.lost) == ({}, [EVENT])


def test_a_destination_that_is_gone_is_tried_as_often_as_the_subscription_says() -> None:
    kind, id_, values = deliveries()
    gone = {"destination": {"resourceId": f"{BUS}/queues/none"}}
    lost = (kind, id_, {**values, "deliveryWithResourceIdentity": gone})
    with delivering(lost, assignment(Role.SERVICE_BUS_SENDER, BUS, "grid"), MAY_KEEP) as (_, blobs):
        assert len(blobs.blobs) == 1


RUN: Functions = {
    "outputs": {"event": {"order_id": "o", "total_minor": 7, "currency": "EUR"}}.__getitem__,
    "triggerBody": lambda: {"ContentData": base64.b64encode(b'{"data": {"id": "e"}}').decode()},
}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        (TEXT, "Order o over 7 EUR (minor units) was placed"),
        ("@json(base64ToString(triggerBody()?['ContentData']))['data']", {"id": "e"}),
        ("@triggerBody()?['LockToken']", None),
        ("/@{encodeURIComponent(encodeURIComponent('a/b'))}/head", "/a%252Fb/head"),
        ({"amount": "@outputs('event')['total_minor']", "plain": "text"}, {"amount": 7, "plain": "text"}),
    ],
)
def test_an_expression_is_evaluated(written: object, value: object) -> None:
    assert evaluated(written, RUN) == value


@pytest.mark.parametrize("written", ["@guid()", "@outputs('event')", "@add(1, 2)", "@outputs('event')['a'] b"])
def test_an_expression_that_is_not_known_raises(written: str) -> None:
    of_a_run: Functions = {} if written == "@outputs('event')" else RUN
    with pytest.raises((NotImplementedError, KeyError)):
        evaluated(written, of_a_run)
