"""What functions ask of ministack, by service and action, and what AWS would bill of it.

The interpreter of .engines/ministack runs this. What a write costs, ministack itself says, index by index and by size:
it reckons as DynamoDB was measured to. Of a read it knows no size, so that is reckoned here.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

Json: TypeAlias = Any
WRITE_UNITS, READ_UNITS = "dynamodb write units", "dynamodb read units"
EVENTS, QUEUE_REQUESTS, OBJECTS = "events", "queue requests", "objects written"
TRANSACTION = "dynamodb:TransactWriteItems"
WRITES = frozenset({TRANSACTION, "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"})
READS = frozenset({"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"})
REFUSED = ("ConditionalCheckFailedException", "TransactionCanceledException")
UNITS_IN_A_TRANSACTION = 2
READ_BYTES = 4096


def metered(action: str, body: bytes) -> bytes:
    """The request, asking of a write what it costs too."""
    if action not in WRITES:
        return body
    return json.dumps({**json.loads(body), "ReturnConsumedCapacity": "TOTAL"}).encode()


def counted(action: str, body: bytes, answer: bytes) -> Counter[str]:
    """One request that was answered: itself, and what it is billed as."""
    return Counter({action: 1}) + Counter(_billed(action, body, answer))


def _billed(action: str, body: bytes, answer: bytes) -> dict[str, Any]:
    if action in WRITES:
        return {WRITE_UNITS: _write_units(json.loads(body), json.loads(answer))}
    if action in READS:
        return {READ_UNITS: _read_units(json.loads(body), json.loads(answer))}
    if action == "events:PutEvents":
        return {EVENTS: sum("EventId" in entry for entry in json.loads(answer).get("Entries", ()))}
    if action == "s3:PutObject":
        return {OBJECTS: 1}
    return {QUEUE_REQUESTS: 1} if action.startswith("sqs:") else {}


def _write_units(request: Json, answer: Json) -> float:
    """A write that its condition refuses is billed too: here as the smallest, for what was in its way is not known."""
    if answer.get("__type", "").endswith(REFUSED):
        return UNITS_IN_A_TRANSACTION * len(request["TransactItems"]) if "TransactItems" in request else 1
    consumed = answer.get("ConsumedCapacity", [])
    each_table = consumed if isinstance(consumed, list) else [consumed]
    return math.fsum(table["CapacityUnits"] for table in each_table)


def _read_units(request: Json, answer: Json) -> float:
    """One for each 4 KiB that are read consistently, half of one otherwise; also for what is not there."""
    consistent = all(part.get("ConsistentRead") for part in request.get("RequestItems", {"": request}).values())
    units = sum(max(1, math.ceil(sum(map(_bytes, page)) / READ_BYTES)) for page in _read_together(answer))
    units += _missing(request, answer)
    return units if consistent else units / 2


def _missing(request: Json, answer: Json) -> int:
    """How many of the keys that a batch asked for are not there."""
    asked = sum(len(part["Keys"]) for part in request.get("RequestItems", {}).values())
    later = sum(len(part["Keys"]) for part in answer.get("UnprocessedKeys", {}).values())
    return asked - later - sum(map(len, answer["Responses"].values())) if asked else 0


def _read_together(answer: Json) -> Iterator[Json]:
    """What is rounded up as one: the items of a query, each item of a batch alone."""
    if "Responses" in answer:
        yield from ([item] for items in answer["Responses"].values() for item in items)
    else:
        yield answer.get("Items", [answer.get("Item", {})])


def _bytes(item: Json) -> int:
    return sum(len(name) + sum(len(text.encode()) for text in _texts(value)) for name, value in item.items())


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    else:
        yield str(value)
