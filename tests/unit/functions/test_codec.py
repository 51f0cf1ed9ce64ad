"""Events and orders as bytes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.codec import (
    MalformedError,
    archive_key,
    decode_event,
    decode_lines,
    decode_order,
    encode_event,
    encode_lines,
    encode_order,
)
from functions.domain.events import Event, EventType
from functions.domain.order import Line, Order, OrderStatus
from tests.unit.functions.orders import NOON, TEAPOTS, placed

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
WHOLE = st.integers(0, 2**53)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
LINES = st.builds(Line, sku=st.text(min_size=1), quantity=WHOLE, unit_price_minor=WHOLE)
EVENTS = st.builds(
    Event,
    order_id=st.text(),
    tenant=st.text(),
    version=WHOLE,
    type=st.sampled_from(EventType),
    occurred_at=MOMENTS,
    total_minor=WHOLE,
    currency=st.text(),
    details=st.dictionaries(st.text(), JSON),
)
ORDERS = st.builds(
    Order,
    order_id=st.text(),
    tenant=st.text(),
    status=st.sampled_from(OrderStatus),
    version=WHOLE,
    currency=st.text(),
    lines=st.lists(LINES).map(tuple),
    payment_method=st.text(),
    placed_at=MOMENTS,
    updated_at=MOMENTS,
    happened=st.frozensets(st.sampled_from(EventType).map(str) | st.text()),
    reason=st.none() | st.text(),
)


@given(event=EVENTS)
def test_an_event_comes_back_from_the_wire_as_it_was(event: Event) -> None:
    assert decode_event(encode_event(event)) == event


@given(order=ORDERS)
def test_an_order_comes_back_as_it_was(order: Order) -> None:
    assert decode_order(encode_order(order)) == order


@given(lines=st.lists(LINES).map(tuple))
def test_lines_come_back_as_they_were(lines: tuple[Line, ...]) -> None:
    assert decode_lines(encode_lines(lines)) == lines


def test_the_wire_form_of_an_event_is_what_consumers_were_promised() -> None:
    order, (event,) = placed(TEAPOTS, at=NOON + timedelta(milliseconds=7))
    assert json.loads(encode_event(event)) == {
        "id": f"{order.order_id}:1",
        "type": "order.placed",
        "order_id": order.order_id,
        "tenant": "acme",
        "version": 1,
        "occurred_at": "2026-01-02T12:00:00.007Z",
        "details": {
            "currency": "EUR",
            "lines": [{"sku": "TEAPOT", "quantity": 2, "unit_price_minor": 1999}],
            "payment_method": "sandbox-approve",
            "total_minor": 3998,
        },
        "total_minor": 3998,
        "currency": "EUR",
    }


def test_a_moment_of_another_zone_is_sent_in_utc() -> None:
    _, (event,) = placed(at=NOON.astimezone(timezone(timedelta(hours=2))))
    assert json.loads(encode_event(event))["occurred_at"] == "2026-01-02T12:00:00.000Z"


def test_a_field_that_a_later_version_adds_is_passed_over() -> None:
    _, (event,) = placed()
    newer = {**json.loads(encode_event(event)), "colour": "blue"}
    assert decode_event(json.dumps(newer).encode()) == event


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        {"type": "order.melted"},
        {"version": "one"},
        {"occurred_at": "yesterday"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"order_id": None},
    ],
    ids=str,
)
def test_what_is_no_event_is_refused_for_good(damage: bytes | dict[str, object]) -> None:
    _, (event,) = placed()
    body = damage if isinstance(damage, bytes) else json.dumps({**json.loads(encode_event(event)), **damage}).encode()
    with pytest.raises(MalformedError):
        decode_event(body)


def test_the_archive_is_laid_out_by_the_day_in_utc() -> None:
    late = datetime(2026, 1, 2, 23, 30, tzinfo=timezone(timedelta(hours=-1)))
    assert archive_key("ord_1:2", late) == "2026/01/03/ord_1-2.json"
