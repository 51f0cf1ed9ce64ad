"""The demand read model in Firestore."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from google.cloud.firestore import Increment

from functions.adapters.gcp import layout
from functions.adapters.gcp.documents import Documents, ExistsError, create, merge


@dataclass(frozen=True)
class FirestoreDemand:
    """A functions.ports.Demand; the commit that adds the units also notes the event."""

    documents: Documents

    def record(self, event_id: str, units: Mapping[str, int]) -> None:
        event = layout.single(layout.DEMAND_EVENTS, event_id)
        added = [merge(layout.single(layout.DEMAND, sku), {"units": Increment(count)}) for sku, count in units.items()]

        def add_once(documents: Documents) -> None:
            with suppress(ExistsError):
                documents.commit([create(event, {}), *added])

        self.documents.transact(add_once)
