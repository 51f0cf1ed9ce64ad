"""What is watched of a table and its stream: it turns calls away, it fails, its consumer is behind."""

from __future__ import annotations

from collections.abc import Iterator

from components.aws._alarms import Alarm, Metric
from components.aws._lambda import ALIAS, METRICS, Deployed

DYNAMODB = "AWS/DynamoDB"
OPERATIONS = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems")
"""DynamoDB counts its own failures for each of them and not for the table."""
BEHIND_SECONDS = 60
"""An order waits for its event to be relayed before anything happens to it; that takes a second."""


def table_alarms(name: str, physical_name: str, indexes: tuple[str, ...]) -> Iterator[Alarm]:
    first, *others = _throttles(physical_name, indexes)
    yield Alarm(
        about="database-throttles",
        contract="database",
        of=name,
        says=f"{name} turned calls away: it, an index of it or one of its partitions is out of capacity.",
        metric=first,
        plus=tuple(others),
        threshold=0,
        periods=3,
    )
    first, *others = (_metric("SystemErrors", TableName=physical_name, Operation=each) for each in OPERATIONS)
    yield Alarm(
        about="database-errors",
        contract="database",
        of=name,
        says=f"DynamoDB itself failed calls for {name}; if it goes on, look at AWS's Health Dashboard.",
        metric=first,
        plus=tuple(others),
        threshold=0,
        periods=3,
    )


def feed_alarm(name: str, consumer: Deployed) -> Alarm:
    return Alarm(
        about="feed-lag",
        contract="database",
        of=name,
        says=f"Events wait over {BEHIND_SECONDS} s to be relayed from {name}: its consumer fails or is too slow.",
        metric=Metric(
            namespace=METRICS,
            name="IteratorAge",
            dimensions={
                "FunctionName": consumer.physical_name,
                "Resource": f"{consumer.physical_name}:{ALIAS}",
            },
            statistic="Maximum",
        ),
        threshold=BEHIND_SECONDS * 1000,
        periods=3,
    )


def _throttles(table: str, indexes: tuple[str, ...]) -> Iterator[Metric]:
    for name in ("ReadThrottleEvents", "WriteThrottleEvents"):
        yield _metric(name, TableName=table)
        for index in indexes:
            yield _metric(name, TableName=table, GlobalSecondaryIndexName=index)


def _metric(name: str, **dimensions: str) -> Metric:
    return Metric(namespace=DYNAMODB, name=name, dimensions=dimensions)
