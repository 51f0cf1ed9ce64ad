"""What an index that lags behind the table may show, and what becomes of it."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from botocore.stub import Stubber

from functions.adapters.aws.keys import Item
from functions.adapters.aws.orders import DynamoOrders
from functions.adapters.aws.table import ConditionFailedError
from functions.domain.order import Order, OrderStatus
from tests.conformance.aws.calls import scripted_table
from tests.conformance.aws_target import AwsTarget
from tests.unit.functions.orders import NOON, placed


def lagging() -> tuple[DynamoOrders, Stubber]:
    table, dynamodb, _ = scripted_table()
    return DynamoOrders(table, lambda _: nullcontext()), dynamodb


def shown_as(order: Order, aws: AwsTarget) -> Item:
    """The order's item, as the table has it by now."""
    (item,) = [each for each in aws.items("order") if each["pk"]["S"].endswith(order.order_id)]
    return item


def test_an_order_that_moves_on_between_two_queries_is_shown_once_as_it_was_last_seen(aws: AwsTarget) -> None:
    order = aws.orders.add(*placed(), None)
    before = shown_as(order, aws)
    reserved, events = order.reserve(NOON)
    aws.orders.append(reserved, events)
    orders, dynamodb = lagging()
    for items in ([before], [shown_as(order, aws)], *[[]] * 6):
        dynamodb.add_response("query", {"Items": items})
    page = orders.page("acme", None, 10, None)
    assert (page.orders, page.next) == ((reserved,), None)
    dynamodb.assert_no_pending_responses()


def test_an_order_is_not_placed_in_anothers_place(aws: AwsTarget) -> None:
    order, events = placed()
    aws.orders.add(order, events, None)
    aws.orders.append(*order.reserve(NOON))
    with pytest.raises(ConditionFailedError):
        aws.orders.add(order, events, None)
    assert aws.orders.get("acme", order.order_id).status is OrderStatus.RESERVED


def test_the_statuses_are_asked_for_in_the_order_of_an_orders_life() -> None:
    orders, dynamodb = lagging()
    asked: list[str] = []
    orders.table.client.meta.events.register(
        "provide-client-params", lambda **event: asked.append(event["params"]["ExpressionAttributeValues"][":pk"]["S"])
    )
    for _ in OrderStatus:
        dynamodb.add_response("query", {"Items": []})
    orders.page("acme", None, 10, None)
    assert asked == [f"TENANT#acme#STATUS#{status}" for status in OrderStatus]


def test_an_order_that_ended_or_went_since_is_not_stale(aws: AwsTarget) -> None:
    kept, ended, gone = (aws.orders.add(*placed(at=NOON + timedelta(minutes=minute)), None) for minute in range(3))
    keys = {order.order_id: shown_as(order, aws) for order in (kept, ended, gone)}
    aws.orders.append(*ended.cancel(NOON))
    orders, dynamodb = lagging()
    dynamodb.add_response("query", {"Items": list(keys.values())})
    for _ in range(7):
        dynamodb.add_response("query", {"Items": []})
    found = [shown_as(ended, aws), shown_as(kept, aws)]
    dynamodb.add_response("batch_get_item", {"Responses": {"orders": found}, "UnprocessedKeys": {}})
    stale = orders.stale(OrderStatus.PLACED, NOON + timedelta(hours=1), 10)
    assert stale == (kept,)
