"""What sandbox partners remember, in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from functions import structs
from functions.adapters.aws.keys import Item, item_key, number, single, text
from functions.adapters.aws.table import ConditionFailedError, Table, put_new, update
from functions.domain.events import Json


@dataclass(frozen=True)
class DynamoLedger:
    """A functions.ports.Ledger. No count is given twice, but one whose answer was lost is given to nobody."""

    table: Table

    def record_once(self, key: str, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        item = {**single("ledger", key), "body": text(msgspec.json.encode(entry).decode())}
        try:
            self.table.write(put_new(item))
        except ConditionFailedError as refused:
            return _entry(refused.found[0])
        return _entry(item)

    def find(self, key: str) -> Mapping[str, Json] | None:
        item = self.table.get(item_key("ledger", key))
        return _entry(item) if item else None

    def count(self, key: str) -> int:
        calls = update(
            item_key("counter", key),
            "SET kind = :counter ADD calls :one",
            values={":counter": text("counter"), ":one": number(1)},
        )
        return int(self.table.write(calls, returning="UPDATED_NEW")["calls"]["N"])


def _entry(item: Item) -> dict[str, Json]:
    return structs.decode(item["body"]["S"], dict[str, Any])
