"""The table's stream to the bus, in the stream's order."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from functions.codec import MalformedError, decode_event
from functions.domain.events import Event, EventType
from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.dead_letters import Put, set_apart, to_dead_letters
from functions.entrypoints.aws.observed import LambdaContext, Metric, count
from functions.services.relay_events import RelayEvents

WHERE = ("Keys", "SequenceNumber")
"""What a dead letter says of a record, in the stream's words: where its item is, and which of its changes this was."""

logger = logging.getLogger(__name__)

Record: TypeAlias = Mapping[str, Any]
Outcome: TypeAlias = Mapping[str, Sequence[Mapping[str, str]]]


def relay(event: Any, context: LambdaContext) -> Outcome:  # noqa: ANN401 -- as Lambda's stream poller sends it
    return relayed(event["Records"], application().relay_events)


def relayed(records: Sequence[Record], relay_events: RelayEvents, put: Put = to_dead_letters) -> Outcome:
    """Publishes the events, sets apart each record that is none, and reports the first one that was not done.

    Lambda comes again with that record and all after it. Powertools' stream processor calls for each record, goes on
    after one that failed, and so would overtake it: here nothing overtakes, and events in a row are one call.
    """
    done = 0
    try:
        for events, unreadable in _runs(records):
            relay_events(events)
            _count_orders(events)
            done += len(events)
            if unreadable:
                set_apart(_found_at(records[done]), unreadable, put)
                done += 1
    except Exception as error:
        logger.warning("records of the stream come again", exc_info=error, extra={"records": len(records) - done})
        return {"batchItemFailures": [{"itemIdentifier": records[done]["dynamodb"]["SequenceNumber"]}]}
    return {"batchItemFailures": []}


def _runs(records: Sequence[Record]) -> Iterator[tuple[Sequence[Event], MalformedError | None]]:
    """Events in a row, and what is wrong with the record behind them, if there is one."""
    events: list[Event] = []
    for record in records:
        try:
            events.append(_event(record))
        except MalformedError as error:
            yield events, error
            events = []
    yield events, None


def _event(record: Record) -> Event:
    try:
        body = record["dynamodb"]["NewImage"]["body"]["S"]
    except KeyError as missing:
        raise MalformedError(f"the item of an event has no {missing}") from None
    return decode_event(body.encode())


def _found_at(record: Record) -> str:
    return json.dumps({name: record["dynamodb"][name] for name in WHERE})


def _count_orders(events: Sequence[Event]) -> None:
    placed = sum(event.type is EventType.PLACED for event in events)
    if placed:
        count(Metric.ORDERS_PLACED, placed)
