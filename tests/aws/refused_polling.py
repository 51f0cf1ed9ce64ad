"""Pollers of queues and streams that AWS does not make, or that lose or repeat messages."""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws.landscape import Landscape
from tests.graph import Resource

LARGEST_UNHURRIED_BATCH = 10
VISIBILITY_TIMES_TIMEOUT = 6
"""docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
DEFAULT_TIMEOUT_SECONDS = 3


def visibility_shorter_than_the_function(land: Landscape) -> Iterator[str]:
    """Shorter than the timeout, and the mapping is refused; shorter than both, and a batch is handled twice."""
    yield from _too_visible(land, times=1)


def visibility_shorter_than_six_attempts(land: Landscape) -> Iterator[str]:
    """AWS advises it, so that a throttled batch is tried again before its messages are seen by others."""
    yield from _too_visible(land, times=VISIBILITY_TIMES_TIMEOUT)


def starting_position_of_a_queue(land: Landscape) -> Iterator[str]:
    for mapping, queue in _of_queues(land):
        if "startingPosition" in mapping.inputs:
            yield f"{mapping.name} starts at a position of {queue.name}, which is a queue"


def stream_without_a_starting_position(land: Landscape) -> Iterator[str]:
    for mapping in land.of("lambda.EventSourceMapping"):
        source = land.at(mapping.inputs.get("eventSourceArn"))
        if source is not None and source.kind == "dynamodb.Table" and "startingPosition" not in mapping.inputs:
            yield f"{mapping.name} needs a starting position in the stream of {source.name}"


def table_polled_without_its_stream(land: Landscape) -> Iterator[str]:
    for mapping in land.of("lambda.EventSourceMapping"):
        source = land.at(mapping.inputs.get("eventSourceArn"))
        is_table = source is not None and source.kind == "dynamodb.Table"
        if source is None or (is_table and mapping.inputs["eventSourceArn"] != source.state["streamArn"]):
            yield f"{mapping.name} polls {mapping.inputs.get('eventSourceArn')}, which is no queue or stream here"


def large_batch_without_a_window(land: Landscape) -> Iterator[str]:
    for mapping, queue in _of_queues(land):
        window = mapping.inputs.get("maximumBatchingWindowInSeconds", 0)
        if mapping.inputs.get("batchSize", 10) > LARGEST_UNHURRIED_BATCH and window < 1:
            yield f"{mapping.name}: more than {LARGEST_UNHURRIED_BATCH} messages of {queue.name} need a window of 1 s"


def window_of_an_ordered_queue(land: Landscape) -> Iterator[str]:
    for mapping, queue in _of_queues(land):
        if not queue.inputs.get("fifoQueue"):
            continue
        if mapping.inputs.get("maximumBatchingWindowInSeconds", 0) or mapping.inputs.get("batchSize", 10) > 10:
            yield f"{mapping.name}: {queue.name} is FIFO, which allows no window and batches of 10"


def stream_settings_of_a_queue(land: Landscape) -> Iterator[str]:
    only_streams = {"bisectBatchOnFunctionError", "maximumRetryAttempts", "maximumRecordAgeInSeconds"}
    for mapping, queue in _of_queues(land):
        for name in sorted(only_streams & mapping.inputs.keys()):
            yield f"{mapping.name}: {name} is for streams; {queue.name} is a queue"


def stream_failures_to_an_ordered_queue(land: Landscape) -> Iterator[str]:
    for mapping in land.of("lambda.EventSourceMapping"):
        destination = mapping.inputs.get("destinationConfig", {}).get("onFailure", {}).get("destinationArn")
        if destination and str(destination).endswith(".fifo"):
            yield f"{mapping.name}: what fails cannot go to {destination}, which is FIFO"


def _too_visible(land: Landscape, *, times: int) -> Iterator[str]:
    for mapping, queue in _of_queues(land):
        function = land.function_of(mapping.inputs["functionName"])
        timeout = function.inputs.get("timeout", DEFAULT_TIMEOUT_SECONDS) if function else DEFAULT_TIMEOUT_SECONDS
        least = times * timeout + mapping.inputs.get("maximumBatchingWindowInSeconds", 0)
        visibility = queue.state["visibilityTimeoutSeconds"]
        if visibility < least:
            yield f"{mapping.name}: {queue.name} is visible again after {visibility} s; it needs {least} s"


def _of_queues(land: Landscape) -> Iterator[tuple[Resource, Resource]]:
    for mapping in land.of("lambda.EventSourceMapping"):
        source = land.at(mapping.inputs.get("eventSourceArn"))
        if source is not None and source.kind == "sqs.Queue":
            yield mapping, source


RULES = (
    visibility_shorter_than_the_function,
    starting_position_of_a_queue,
    stream_without_a_starting_position,
    table_polled_without_its_stream,
    large_batch_without_a_window,
    window_of_an_ordered_queue,
    stream_settings_of_a_queue,
    stream_failures_to_an_ordered_queue,
)
ADVICE = (visibility_shorter_than_six_attempts,)
