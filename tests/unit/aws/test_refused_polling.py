"""Pollers of queues and streams that AWS does not make, or that lose or repeat messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi_aws as aws
import pytest

from tests.aws.refusals import advice
from tests.unit.aws.programs import after, alias, function, graph, refused, role, role_policy

READ_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
READ_STREAM = ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream")


def test_a_poller_of_a_queue_is_taken() -> None:
    assert refused(polled()) == []


def test_visibility_shorter_than_the_timeout_and_the_window() -> None:
    assert refused(polled(visibility=15)) == []
    assert refused(polled(visibility=14)) == ["visibility_shorter_than_the_function"]


def test_visibility_shorter_than_six_timeouts_is_advised_against() -> None:
    assert advice(graph(polled(visibility=65))) == []
    assert len(advice(graph(polled(visibility=64)))) == 1


def test_a_starting_position_in_a_queue() -> None:
    assert refused(polled(starting_position="LATEST")) == ["starting_position_of_a_queue"]


def test_a_batch_over_ten_without_a_window() -> None:
    assert refused(polled(window=1, batch_size=11)) == []
    assert refused(polled(window=0, batch_size=11)) == ["large_batch_without_a_window"]


@pytest.mark.parametrize("settings", [{"window": 1}, {"window": 0, "batch_size": 11}])
def test_a_fifo_queue_with_a_window_or_a_large_batch(settings: dict[str, Any]) -> None:
    assert refused(polled(fifo=True, window=0)) == []
    assert "window_of_an_ordered_queue" in refused(polled(fifo=True, **settings))


@pytest.mark.parametrize("setting", [{"bisect_batch_on_function_error": True}, {"maximum_retry_attempts": 3}])
def test_a_stream_s_setting_on_a_queue(setting: dict[str, Any]) -> None:
    assert refused(polled(**setting)) == ["stream_settings_of_a_queue"]


def test_a_stream_without_a_starting_position() -> None:
    assert refused(streamed(starting_position="TRIM_HORIZON")) == []
    assert refused(streamed()) == ["stream_without_a_starting_position"]


def test_a_table_polled_by_its_own_arn() -> None:
    assert "table_polled_without_its_stream" in refused(streamed(by_table=True, starting_position="LATEST"))


def test_failures_of_a_stream_sent_to_a_fifo_queue() -> None:
    failures = aws.lambda_.EventSourceMappingDestinationConfigArgs(
        on_failure=aws.lambda_.EventSourceMappingDestinationConfigOnFailureArgs(
            destination_arn="arn:aws:sqs:eu-central-1:123456789012:failed.fifo"
        )
    )
    found = refused(streamed(starting_position="LATEST", destination_config=failures))
    assert found == ["stream_failures_to_an_ordered_queue"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [('{"eventName": ["INSERT"]}', []), ('{"eventName": "INSERT"}', ["poller_filter_aws_cannot_read"])],
)
def test_a_filter_that_aws_cannot_read(pattern: str, found: list[str]) -> None:
    filters = [aws.lambda_.EventSourceMappingFilterCriteriaFilterArgs(pattern=pattern)]
    criteria = aws.lambda_.EventSourceMappingFilterCriteriaArgs(filters=filters)
    assert refused(streamed(starting_position="LATEST", filter_criteria=criteria)) == found


def polled(
    *,
    visibility: int = 65,
    window: int = 5,
    fifo: bool = False,
    **settings: Any,  # noqa: ANN401 any argument
) -> Callable[[], None]:
    def declare() -> None:
        queue = aws.sqs.Queue(
            "orders",
            name="orders.fifo" if fifo else "orders",
            fifo_queue=fifo or None,
            visibility_timeout_seconds=visibility,
        )
        own = role("orders")
        policy = role_policy("orders", own, *READ_QUEUE, on=queue.arn)
        called = alias(function(role=own.arn, timeout=10))
        aws.lambda_.EventSourceMapping(
            "orders",
            event_source_arn=queue.arn,
            function_name=called.arn,
            maximum_batching_window_in_seconds=window,
            opts=after(policy),
            **settings,
        )

    return declare


def streamed(*, by_table: bool = False, **settings: Any) -> Callable[[], None]:  # noqa: ANN401 any argument
    def declare() -> None:
        table = aws.dynamodb.Table(
            "orders",
            name="orders",
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            attributes=[aws.dynamodb.TableAttributeArgs(name="pk", type="S")],
            stream_enabled=True,
            stream_view_type="NEW_AND_OLD_IMAGES",
        )
        own = role("orders")
        source = table.arn if by_table else table.stream_arn
        policy = role_policy("orders", own, *READ_STREAM, on=source)
        aws.lambda_.EventSourceMapping(
            "orders",
            event_source_arn=source,
            function_name=alias(function(role=own.arn)).arn,
            opts=after(policy),
            **settings,
        )

    return declare
