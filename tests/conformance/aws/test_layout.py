"""What lies in the table, and how it is reached: other adapters, the stream's filter and the roles rely on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.adapters.aws.keys import index_keys
from functions.adapters.aws.ports import AwsPorts
from functions.codec import encode_event, encode_order
from functions.domain.order import Order, OrderStatus
from functions.ports import IdempotencyRecord, PagePosition
from tests.conformance.aws.calls import Call, recorded
from tests.conformance.aws_target import AwsTarget
from tests.unit.functions.orders import NOON, TEAPOTS, placed

GRANTED = {
    "GetItem",
    "BatchGetItem",
    "Query",
    "PutItem",
    "UpdateItem",
    "TransactWriteItems",
}


def add(aws: AwsTarget, lasts: timedelta | None = None) -> Order:
    order, events = placed()
    key = IdempotencyRecord(
        tenant="acme",
        key="key-1",
        body_sha256="digest",
        order_id=order.order_id,
        expires_at=NOON + (lasts or timedelta()),
    )
    return aws.orders.add(order, events, key if lasts else None)


def test_an_order_lies_under_its_tenant_and_in_both_indexes(aws: AwsTarget) -> None:
    order = add(aws)
    (item,) = aws.items("order")
    position = {"S": f"01767355200000#{order.order_id}"}
    shard = item.pop("gsi2pk")["S"]
    assert shard in {f"OPEN#0{number}" for number in range(8)}
    assert item == {
        "pk": {"S": f"TENANT#acme#ORDER#{order.order_id}"},
        "sk": {"S": "ORDER"},
        "gsi1pk": {"S": "TENANT#acme#STATUS#PLACED"},
        "gsi1sk": position,
        "gsi2sk": position,
        "kind": {"S": "order"},
        "status": {"S": "PLACED"},
        "version": {"N": "1"},
        "body": {"S": encode_order(order).decode()},
    }


def test_an_event_lies_beside_its_order_as_the_bus_will_have_it(aws: AwsTarget) -> None:
    order, events = placed()
    aws.orders.add(order, events, None)
    assert aws.items("event") == [
        {
            "pk": {"S": f"TENANT#acme#ORDER#{order.order_id}"},
            "sk": {"S": "EVENT#000001"},
            "kind": {"S": "event"},
            "body": {"S": encode_event(events[0]).decode()},
        }
    ]


def test_an_order_that_has_ended_is_no_longer_among_the_open(aws: AwsTarget) -> None:
    aws.orders.append(*add(aws).cancel(NOON))
    (item,) = aws.items("order")
    assert [name for name in item if name.startswith("gsi2")] == []
    assert item["gsi1pk"] == {"S": "TENANT#acme#STATUS#CANCELLED"}


def test_open_orders_are_spread_over_all_shards() -> None:
    order, _ = placed()
    partitions = {index_keys(replace(order, order_id=f"ord_{number}"))["gsi2pk"]["S"] for number in range(100)}
    assert partitions == {f"OPEN#0{shard}" for shard in range(8)}


def test_a_key_is_for_the_table_to_delete_at_a_whole_second(aws: AwsTarget) -> None:
    order = add(aws, lasts=timedelta(hours=1, milliseconds=1))
    assert aws.items("key") == [
        {
            "pk": {"S": "TENANT#acme#KEY#key-1"},
            "sk": {"S": "KEY"},
            "kind": {"S": "key"},
            "body_sha256": {"S": "digest"},
            "order_id": {"S": order.order_id},
            "expires_at": {"N": str(int(NOON.timestamp()) + 3601)},
        }
    ]


@pytest.fixture
def calls(aws: AwsTarget) -> list[Call]:
    """Of every port that uses the table, each asked for all it does, once and again."""
    ports, calls = recorded(aws)
    for turn in ("first", "second"):
        _use_the_orders(ports)
        ports.inventory.reserve(turn, [TEAPOTS])
        ports.inventory.commit(turn)
        ports.inventory.restock(turn)
        ports.inventory.release("never reserved")
        ports.ledger.record_once("key", {})
        ports.ledger.find("key")
        ports.ledger.count("key")
        ports.customer.tell(key="key", tenant="acme", order_id="order", subject="hello")
        ports.demand.record("event", {"TEAPOT": 1})
    return calls


def _use_the_orders(ports: AwsPorts) -> None:
    order, events = placed()
    ports.orders.add(order, events, None)
    ports.orders.append(*order.reserve(NOON))
    ports.orders.timeline("acme", order.order_id)
    ports.orders.get("acme", order.order_id)
    for status in (None, OrderStatus.PLACED):
        ports.orders.page("acme", status, 10, PagePosition(placed_at=NOON, order_id=order.order_id))
    ports.orders.stale(OrderStatus.PLACED, NOON + timedelta(hours=1), 10)
    ports.orders.forget_keys(NOON)


def test_no_adapter_asks_for_more_than_roles_are_granted(calls: list[Call]) -> None:
    assert {call.operation for call in calls} == GRANTED


def test_what_is_read_from_the_table_is_read_as_it_is_now(calls: list[Call]) -> None:
    reads = [call.request for call in calls if call.operation in ("GetItem", "BatchGetItem", "Query")]
    asked = [next(iter(read["RequestItems"].values())) if "RequestItems" in read else read for read in reads]
    assert {read.get("IndexName") or read.get("ConsistentRead") for read in asked} == {True, "gsi1", "gsi2"}
