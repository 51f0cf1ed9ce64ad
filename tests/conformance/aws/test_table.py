"""How the table's calls go when DynamoDB is busy, answers in parts or is not there."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from functions.adapters.aws.clients import AwsUnavailableError, transient_faults
from functions.adapters.aws.keys import Item, single
from functions.adapters.aws.table import ATTEMPTS, ConditionFailedError, ContentionError, put_new
from functions.domain.errors import RetryableError
from functions.domain.events import EventType
from functions.domain.order import Line
from tests.conformance.aws.calls import cancelled, scripted_table
from tests.conformance.aws_target import AwsTarget
from tests.unit.functions.orders import NOON, placed

WRITES = [put_new(single("ledger", name)) for name in ("one", "two")]
LONG = "x" * 150_000


def keys(*names: str) -> list[Item]:
    return [{"pk": {"S": name}, "sk": {"S": "LEDGER"}} for name in names]


def test_a_transaction_that_met_another_is_tried_again_after_a_random_wait() -> None:
    table, dynamodb, waits = scripted_table()
    cancelled(dynamodb, "TransactionConflict", "None")
    cancelled(dynamodb, "None", "ThrottlingError")
    dynamodb.add_response("transact_write_items", {})
    table.transact(WRITES)
    dynamodb.assert_no_pending_responses()
    assert len(waits) == 2


def test_a_transaction_that_always_meets_others_may_come_again_later() -> None:
    table, dynamodb, waits = scripted_table()
    for _ in range(ATTEMPTS):
        cancelled(dynamodb, "TransactionConflict", "None")
    with pytest.raises(ContentionError, match="orders"):
        table.transact(WRITES)
    dynamodb.assert_no_pending_responses()
    assert len(waits) == ATTEMPTS - 1
    assert issubclass(ContentionError, RetryableError)


def test_a_condition_decides_whatever_else_stood_in_the_way() -> None:
    table, dynamodb, waits = scripted_table()
    cancelled(dynamodb, "TransactionConflict", "ConditionalCheckFailed")
    with pytest.raises(ConditionFailedError) as refused:
        table.transact(WRITES)
    assert refused.value.found == {1: {}}
    assert waits == []


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_a_transaction_that_can_never_be_done_is_not_tried_again(code: str) -> None:
    table, dynamodb, _ = scripted_table()
    cancelled(dynamodb, "TransactionConflict", code)
    with pytest.raises(ClientError):
        table.transact(WRITES)


def test_items_that_were_left_unread_are_asked_for_again() -> None:
    table, dynamodb, waits = scripted_table()
    one, two = keys("one", "two")
    left = {"orders": {"Keys": [two], "ConsistentRead": True}}
    dynamodb.add_response(
        "batch_get_item",
        {"Responses": {"orders": [one]}, "UnprocessedKeys": left},
        {"RequestItems": {"orders": {"Keys": [one, two], "ConsistentRead": True}}},
    )
    dynamodb.add_response("batch_get_item", {"Responses": {"orders": [two]}}, {"RequestItems": left})
    assert list(table.get_all([one, two])) == [one, two]
    assert len(waits) == 1


def test_items_that_are_left_unread_for_ever_may_be_read_later() -> None:
    table, dynamodb, _ = scripted_table()
    for _ in range(ATTEMPTS):
        dynamodb.add_response("batch_get_item", {"Responses": {}, "UnprocessedKeys": {"orders": {"Keys": keys("one")}}})
    with pytest.raises(AwsUnavailableError, match="1 items unread"):
        list(table.get_all(keys("one")))


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("ProvisionedThroughputExceededException", 400),
        ("TransactionConflictException", 400),
        ("InternalServerError", 500),
        ("AnythingNew", 503),
    ],
)
def test_a_busy_table_may_be_asked_again(code: str, status: int) -> None:
    table, dynamodb, _ = scripted_table()
    dynamodb.add_client_error("get_item", service_error_code=code, http_status_code=status)
    with pytest.raises(AwsUnavailableError, match=code):
        table.get(keys("one")[0])


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ValidationException"])
def test_what_does_not_pass_by_itself_stays_what_it_is(code: str) -> None:
    table, dynamodb, _ = scripted_table()
    dynamodb.add_client_error("get_item", service_error_code=code)
    with pytest.raises(ClientError, match=code):
        table.get(keys("one")[0])


@pytest.mark.parametrize(
    "failure",
    [
        EndpointConnectionError(endpoint_url="https://nowhere"),
        ConnectTimeoutError(endpoint_url="https://nowhere"),
        ReadTimeoutError(endpoint_url="https://nowhere"),
    ],
)
def test_a_service_that_does_not_answer_may_be_asked_again(failure: Exception) -> None:
    with pytest.raises(AwsUnavailableError, match="S3 did not answer"), transient_faults(of="S3"):
        raise failure


def test_a_timeline_of_more_than_one_answers_size_is_whole(aws: AwsTarget) -> None:
    order = aws.orders.add(*placed(), None)
    for number in range(9):
        order, events = order.record(EventType.COMPENSATION_FAILED, NOON, {"step": str(number), "message": LONG})
        aws.orders.append(order, events)
    assert [event.version for event in aws.orders.timeline("acme", order.order_id)] == list(range(1, 11))


def test_a_page_of_more_than_one_answers_size_is_whole(aws: AwsTarget) -> None:
    lines = [Line(sku=f"{number:02}-{'X' * 60}", quantity=1000, unit_price_minor=100_000_000) for number in range(99)]
    made = [aws.orders.add(*placed(*lines), None) for _ in range(100)]
    page = aws.orders.page("acme", None, 100, None)
    assert {order.order_id for order in page.orders} == {order.order_id for order in made}
