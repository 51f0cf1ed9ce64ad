"""The table's stream to the bus, in the stream's order."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from functions.codec import MalformedError, decode_event
from functions.domain.events import Event, EventType
from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.observed import LambdaContext, Metric, count
from functions.services.relay_events import RelayEvents

logger = logging.getLogger(__name__)

Outcome = Mapping[str, Sequence[Mapping[str, str]]]


def relay(event: Any, context: LambdaContext) -> Outcome:  # noqa: ANN401 -- as Lambda's stream poller sends it
    return relayed(event["Records"], application().relay_events)


def relayed(records: Sequence[Mapping[str, Any]], relay_events: RelayEvents) -> Outcome:
    """Publishes up to the first record that cannot be read, and reports the first that was not published.

    Lambda comes again with that record and all after it. Powertools' stream processor calls for each record, goes on
    after one that failed, and so would overtake it: here the batch is one call, and nothing overtakes.
    """
    events, unread = _read(records)
    failed = unread
    try:
        relay_events(events)
    except Exception as error:
        logger.warning("events were not published", exc_info=error, extra={"events": len(events)})
        failed = records[0]
    else:
        _count_orders(events)
    return {"batchItemFailures": [{"itemIdentifier": failed["dynamodb"]["SequenceNumber"]}] if failed else []}


def _read(records: Sequence[Mapping[str, Any]]) -> tuple[Sequence[Event], Mapping[str, Any] | None]:
    events: list[Event] = []
    for record in records:
        try:
            events.append(decode_event(record["dynamodb"]["NewImage"]["body"]["S"].encode()))
        except (KeyError, MalformedError) as error:
            logger.error("a record of the stream is no event", exc_info=error)
            return events, record
    return events, None


def _count_orders(events: Sequence[Event]) -> None:
    placed = sum(event.type is EventType.PLACED for event in events)
    if placed:
        count(Metric.ORDERS_PLACED, placed)
