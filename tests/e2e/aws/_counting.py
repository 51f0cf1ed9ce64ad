"""What functions ask of ministack, by service and action, and the units of capacity that DynamoDB would bill for it.

The interpreter of .engines/ministack runs this. A unit is a write of up to 1 KiB or a read of up to 4 KiB; transactions
are billed twice. An index is written once for an item that is new in it, twice for one whose place in it changes.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeAlias

Json: TypeAlias = Any
WRITES = ("Put", "Update", "Delete", "ConditionCheck")
WRITE_BYTES = 1024
IN_A_TRANSACTION = 2
INDEXES = ("gsi1pk", "gsi2pk")
WRITE_UNITS, READ_UNITS = "dynamodb write units", "dynamodb read units"


def counted(action: str, body: bytes) -> Counter[str]:
    """One request: itself, and its units."""
    units = _units(action.partition(":")[2], json.loads(body)) if action.startswith("dynamodb:") else Counter[str]()
    return units + Counter({action: 1})


def _units(action: str, request: Json) -> Counter[str]:
    if action == "TransactWriteItems":
        return Counter({WRITE_UNITS: sum(map(_of_transaction, request["TransactItems"]))})
    if action.removesuffix("Item") in WRITES:
        return Counter({WRITE_UNITS: _main(request) + _indexes(request)})
    # What is read here, is an order with its events or less: one unit each, consistently.
    return Counter({READ_UNITS: 1})


def _of_transaction(part: Json) -> int:
    ((_, request),) = part.items()
    return IN_A_TRANSACTION * _main(request) + _indexes(request)


def _main(request: Json) -> int:
    """Items that are updated in place are counters, and small."""
    return math.ceil(_bytes(request["Item"]) / WRITE_BYTES) if "Item" in request else 1


def _indexes(request: Json) -> int:
    item = request.get("Item", {})
    is_new = "attribute_not_exists" in request.get("ConditionExpression", "")
    return sum(1 if is_new or index == "gsi2pk" else 2 for index in INDEXES if index in item)


def _bytes(item: Json) -> int:
    return sum(len(name) + sum(map(len, _texts(value))) for name, value in item.items())


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    else:
        yield str(value)
