"""The demand read model in DynamoDB."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from functions.adapters.aws.keys import item_key, number, single, text
from functions.adapters.aws.table import ConditionFailedError, Table, put_new, update


@dataclass(frozen=True)
class DynamoDemand:
    """A functions.ports.Demand. At most 99 SKUs: the transaction that adds their units also notes the event."""

    table: Table

    def record(self, event_id: str, units: Mapping[str, int]) -> None:
        added = [
            update(
                item_key("demand", sku),
                "SET kind = :demand ADD units :units",
                values={":demand": text("demand"), ":units": number(count)},
            )
            for sku, count in units.items()
        ]
        # The only condition of the transaction is that the event was not counted before.
        with suppress(ConditionFailedError):
            self.table.transact([put_new(single("demand_event", event_id)), *added])
