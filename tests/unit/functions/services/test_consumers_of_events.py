"""What is done with events once they were published."""

from __future__ import annotations

from datetime import timedelta

import pytest

from functions.domain.events import EventType
from functions.domain.order import OrderStatus
from functions.services.archive_events import ArchiveEvents
from functions.services.fulfil_order import FulfilOrder
from functions.services.notify_customer import SUBJECTS, NotifyCustomer
from functions.services.notify_ops import NotifyOps
from functions.services.project_demand import ProjectDemand
from functions.services.relay_events import RelayEvents
from tests.unit.functions.orders import CUPS, NOON, TEAPOTS, placed
from tests.unit.functions.services.memory import (
    MemoryArchive,
    MemoryCustomer,
    MemoryDemand,
    MemoryOpsChannel,
    MemoryPublisher,
    MemoryWorkflow,
)

ORDER, (PLACED,) = placed(TEAPOTS, CUPS)
_, (RESERVED,) = ORDER.reserve(NOON + timedelta(seconds=1))
_, (CANCELLED,) = ORDER.cancel(NOON + timedelta(seconds=1))


def test_the_relay_hands_over_events_in_their_order_and_nothing_for_nothing() -> None:
    publisher = MemoryPublisher()
    RelayEvents(publisher)((PLACED, RESERVED))
    RelayEvents(publisher)(())
    assert publisher.published == [PLACED, RESERVED]


def test_an_order_has_one_saga_however_often_its_event_is_delivered() -> None:
    workflow = MemoryWorkflow()
    for _ in range(2):
        FulfilOrder(workflow)(PLACED)
    assert workflow.runs == {ORDER.order_id: {"order_id": ORDER.order_id, "tenant": "acme"}}


def test_demand_counts_the_units_of_placed_orders_once() -> None:
    demand = MemoryDemand()
    for event in (PLACED, RESERVED, PLACED, CANCELLED):
        ProjectDemand(demand)(event)
    assert demand.units == {"TEAPOT": 2, "CUP": 6}


def test_lines_of_one_article_are_counted_together() -> None:
    demand = MemoryDemand()
    _, (event,) = placed(TEAPOTS, TEAPOTS)
    ProjectDemand(demand)(event)
    assert demand.units == {"TEAPOT": 4}


def test_the_customer_hears_once_of_how_an_order_ends_and_not_of_every_step() -> None:
    customer = MemoryCustomer()
    for event in (PLACED, RESERVED, CANCELLED, CANCELLED):
        NotifyCustomer(customer)(event)
    assert list(customer.inbox.values()) == [("acme", ORDER.order_id, "Your order is cancelled")]


def test_there_are_words_for_every_end_of_an_order() -> None:
    ends = {EventType(f"order.{status.lower()}") for status in OrderStatus if status.is_end}
    assert set(SUBJECTS) == ends


def test_the_archive_keeps_an_event_as_it_came() -> None:
    archive = MemoryArchive()
    ArchiveEvents(archive)(PLACED, b"as it came")
    assert archive.kept == {PLACED.id: b"as it came"}


@pytest.mark.parametrize("deliveries", [1, 2])
def test_operators_are_told_what_the_order_is_worth(deliveries: int) -> None:
    channel = MemoryOpsChannel()
    for _ in range(deliveries):
        NotifyOps(channel)(PLACED)
    (message,) = channel.notified.values()
    assert list(channel.notified) == [PLACED.id]
    assert {"order_id": ORDER.order_id, "tenant": "acme", "total_minor": 6098, "currency": "EUR"}.items() <= (
        message.items()
    )
