"""What sandbox partners remember, in Cosmos DB."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from functions.adapters.azure import layout
from functions.adapters.azure.items import Items, MissingError, add, create
from functions.domain.events import Json
from functions.structs import decode


@dataclass(frozen=True)
class CosmosLedger:
    """A functions.ports.Ledger. No count is given twice, but one whose answer was lost is given to nobody."""

    items: Items

    def record_once(self, key: str, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        body = msgspec.json.encode(entry).decode()
        id_ = layout.single("entry", key)

        def record() -> Mapping[str, Json]:
            found = self.find(key)
            if found is None:
                self.items.write(id_, [create(id_, {"body": body})])
                return _entry(body)
            return found

        return self.items.transact(record)

    def find(self, key: str) -> Mapping[str, Json] | None:
        id_ = layout.single("entry", key)
        item = self.items.get(id_, id_)
        return _entry(item["body"]) if item else None

    def count(self, key: str) -> int:
        """One call, but for the first count: Cosmos DB answers with what its increment made."""
        id_ = layout.single("counter", key)

        def one_more() -> int:
            try:
                (counted,) = self.items.write(id_, [add(id_, {"calls": 1})])
            except MissingError:
                (counted,) = self.items.write(id_, [create(id_, {"calls": 1})])
            return int(counted["calls"])

        return self.items.transact(one_more)


def _entry(body: str) -> dict[str, Json]:
    return decode(body, dict[str, Any])
