"""What DynamoDB's transactions ask of the inventory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.adapters.aws.inventory import READINGS, DynamoInventory
from functions.adapters.aws.keys import single, text
from functions.domain.errors import OutOfStockError, RetryableError
from functions.domain.order import Line
from tests.conformance.aws.calls import cancelled, recorded, scripted_table
from tests.conformance.aws_target import AwsTarget
from tests.conformance.worlds import INITIAL_UNITS


def lines(count: int) -> list[Line]:
    return [Line(sku=f"SKU-{number}", quantity=1, unit_price_minor=100) for number in range(count)]


def test_an_order_of_as_many_articles_as_the_api_takes_is_reserved_sold_and_restocked(aws: AwsTarget) -> None:
    aws.inventory.reserve("one", lines(99))
    assert aws.left("SKU-98") == INITIAL_UNITS - 1
    aws.inventory.commit("one")
    assert aws.inventory.restock("one") is True
    assert aws.left("SKU-98") == INITIAL_UNITS


def test_units_are_on_hand_reserved_or_sold_and_never_two_of_these(aws: AwsTarget) -> None:
    def counts() -> dict[str, str]:
        (stock,) = aws.items("stock")
        return {name: stock[name]["N"] for name in ("available", "reserved", "sold") if name in stock}

    aws.inventory.reserve("one", lines(1))
    assert counts() == {"available": "9", "reserved": "1"}
    aws.inventory.commit("one")
    assert counts() == {"available": "9", "reserved": "0", "sold": "1"}
    aws.inventory.restock("one")
    assert counts() == {"available": "10", "reserved": "0", "sold": "0"}


def test_who_finds_too_little_is_told_of_what_and_how_much_is_left(aws: AwsTarget) -> None:
    aws.inventory.reserve("one", [Line(sku="SKU-1", quantity=8, unit_price_minor=100)])
    short = [*lines(1), Line(sku="SKU-1", quantity=3, unit_price_minor=100)]
    with pytest.raises(OutOfStockError, match="SKU-1 is out of stock: 3 were ordered, 2 are left"):
        aws.inventory.reserve("two", short)
    with pytest.raises(OutOfStockError, match="NEW is out of stock: 11 were ordered, 10 are left"):
        aws.inventory.reserve("two", [Line(sku="NEW", quantity=INITIAL_UNITS + 1, unit_price_minor=100)])


def reservation(phase: str) -> dict[str, Any]:
    lines_of_it = [{"sku": "TEAPOT", "quantity": 2, "unit_price_minor": 100}]
    return {"Item": {**single("reservation", "one"), "phase": text(phase), "lines": text(json.dumps(lines_of_it))}}


def test_who_undoes_while_others_do_looks_again_and_undoes_what_they_did() -> None:
    table, dynamodb, _ = scripted_table()
    dynamodb.add_response("get_item", {})
    dynamodb.add_client_error("put_item", service_error_code="ConditionalCheckFailedException")
    dynamodb.add_response("get_item", reservation("reserved"))
    cancelled(dynamodb, "ConditionalCheckFailed", "None")
    dynamodb.add_response("get_item", reservation("committed"))
    dynamodb.add_response("transact_write_items", {})
    assert DynamoInventory(table, INITIAL_UNITS).restock("one") is True
    dynamodb.assert_no_pending_responses()


def test_a_reservation_that_others_keep_changing_may_come_again() -> None:
    table, dynamodb, _ = scripted_table()
    for _ in range(READINGS):
        dynamodb.add_response("get_item", reservation("reserved"))
        cancelled(dynamodb, "ConditionalCheckFailed", "None")
    with pytest.raises(RetryableError, match="one"):
        DynamoInventory(table, INITIAL_UNITS).release("one")
    dynamodb.assert_no_pending_responses()


def test_a_reservation_is_one_call(aws: AwsTarget) -> None:
    ports, calls = recorded(aws)
    ports.inventory.reserve("one", lines(3))
    assert [call.operation for call in calls] == ["TransactWriteItems"]
