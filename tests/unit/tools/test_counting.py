"""What one request of a function is billed as; that ministack is asked at all, tests/e2e/aws/test_bill.py shows."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.e2e.aws._counting import counted, metered


def billed(action: str, request: object, answer: object) -> Counter[str]:
    """Without the request itself."""
    return counted(action, json.dumps(request).encode(), json.dumps(answer).encode()) - Counter({action: 1})


@pytest.mark.parametrize("action", ["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"])
def test_a_write_is_asked_what_it_consumes(action: str) -> None:
    asked = json.loads(metered(f"dynamodb:{action}", b'{"TableName": "orders"}'))
    assert asked == {"TableName": "orders", "ReturnConsumedCapacity": "TOTAL"}


def test_no_other_request_is_changed() -> None:
    assert metered("dynamodb:GetItem", b'{"Key":  {}}') == b'{"Key":  {}}'
    assert metered("s3:PutObject", b"anything") == b"anything"


def test_a_write_is_billed_as_what_it_consumed_indexes_included() -> None:
    assert billed("dynamodb:PutItem", {}, {"ConsumedCapacity": {"CapacityUnits": 5.0}}) == {"dynamodb write units": 5}
    both = {"ConsumedCapacity": [{"CapacityUnits": 5.0}, {"CapacityUnits": 2.0}]}
    assert billed("dynamodb:TransactWriteItems", {}, both) == {"dynamodb write units": 7}


def test_a_write_that_was_refused_by_its_condition_is_billed_too() -> None:
    refused = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}
    assert billed("dynamodb:PutItem", {"Item": {}}, refused) == {"dynamodb write units": 1}
    cancelled = {"__type": "TransactionCanceledException"}
    assert billed("dynamodb:TransactWriteItems", {"TransactItems": [{}, {}, {}]}, cancelled) == {
        "dynamodb write units": 6
    }


def test_a_write_that_nobody_may_do_is_not_billed() -> None:
    assert billed("dynamodb:PutItem", {"Item": {}}, {"__type": "AccessDeniedException"}) == {}


@pytest.mark.parametrize(("letters", "units"), [(0, 1), (4000, 1), (4200, 2)])
def test_a_read_is_billed_by_the_size_of_what_it_found(letters: int, units: int) -> None:
    answer = {"Item": {"body": {"S": "x" * letters}}} if letters else {}
    assert billed("dynamodb:GetItem", {"ConsistentRead": True}, answer) == {"dynamodb read units": units}
    assert billed("dynamodb:GetItem", {}, answer) == {"dynamodb read units": units / 2}


def test_a_query_is_rounded_up_once_and_a_batch_item_by_item() -> None:
    items = [{"body": {"S": "x" * 2000}}] * 3
    assert billed("dynamodb:Query", {"ConsistentRead": True}, {"Items": items}) == {"dynamodb read units": 2}
    request = {"RequestItems": {"orders": {"ConsistentRead": True, "Keys": [{}] * 3}}}
    assert billed("dynamodb:BatchGetItem", request, {"Responses": {"orders": items}}) == {"dynamodb read units": 3}


def test_what_a_batch_asks_for_and_is_not_there_is_read_too() -> None:
    request = {"RequestItems": {"orders": {"ConsistentRead": True, "Keys": [{}] * 4}}}
    answer = {
        "Responses": {"orders": [{"body": {"S": "x"}}]},
        "UnprocessedKeys": {"orders": {"Keys": [{}]}},
    }
    assert billed("dynamodb:BatchGetItem", request, answer) == {"dynamodb read units": 3}


def test_events_are_the_entries_that_the_bus_took() -> None:
    answer = {"Entries": [{"EventId": "1"}, {"ErrorCode": "Throttled"}, {"EventId": "2"}]}
    assert billed("events:PutEvents", {}, answer) == {"events": 2}


def test_a_request_to_a_queue_and_an_object_are_one_each() -> None:
    assert counted("sqs:SendMessage", b"", b"") == {"sqs:SendMessage": 1, "queue requests": 1}
    assert counted("s3:PutObject", b"", b"") == {"s3:PutObject": 1, "objects written": 1}
