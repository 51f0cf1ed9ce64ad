"""What sandbox partners remember, in Firestore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from google.cloud.firestore import Increment

from functions import structs
from functions.adapters.gcp import layout
from functions.adapters.gcp.documents import Documents, create, merge
from functions.domain.events import Json


@dataclass(frozen=True)
class FirestoreLedger:
    """A functions.ports.Ledger. No count is given twice, but one whose answer was lost is given to nobody."""

    documents: Documents

    def record_once(self, key: str, entry: Mapping[str, Json]) -> Mapping[str, Json]:
        body = msgspec.json.encode(entry).decode()
        path = layout.single(layout.LEDGER, key)

        def record(documents: Documents) -> Mapping[str, Json]:
            found = documents.get(path)
            if found is None:
                documents.commit([create(path, {"body": body})])
            return _entry(found["body"] if found else body)

        return self.documents.transact(record)

    def find(self, key: str) -> Mapping[str, Json] | None:
        document = self.documents.get(layout.single(layout.LEDGER, key))
        return _entry(document["body"]) if document else None

    def count(self, key: str) -> int:
        """One call: Firestore answers with what its increment made."""
        one_more = merge(layout.single(layout.COUNTERS, key), {"calls": Increment(1)})
        (counted,) = self.documents.transact(lambda documents: documents.commit([one_more]))
        return int(counted.transform_results[0].integer_value)


def _entry(body: str) -> dict[str, Json]:
    return structs.decode(body, dict[str, Any])
