"""Starts of the order saga by the workflow's app, each guarded by an item of Cosmos DB.

The app itself refuses a run that it knows. It forgets one some time after its end, and of two starts in the same moment
it might take both: the item is for these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from components.saga.start import checked_run_id, data_to_json
from functions.adapters.azure import layout
from functions.adapters.azure.clients import AzureUnavailableError
from functions.adapters.azure.items import Items, change, create
from functions.adapters.azure.rest import Service
from functions.domain.events import Json
from functions.ports import Clock

LEASE = timedelta(seconds=60)
"""Longer than a start may take. It is waited for only where the answer was lost."""
STARTED, KNOWN = 202, 409
_TTL = int(layout.REMEMBERED.total_seconds())


class StartPendingError(AzureUnavailableError):
    """Another call is starting this run, or was and did not say how that ended."""

    code = "start-pending"


@dataclass(frozen=True)
class GuardedWorkflow:
    """A functions.ports.WorkflowStarter; `runs` is the address that starts one, and it is asked once at a time."""

    runs: Service
    items: Items
    clock: Clock

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        """StartPendingError while somebody else's lease lasts: the caller comes again to see how that ended."""
        body = f'{{"run_id": {json.dumps(checked_run_id(run_id))}, "data": {data_to_json(data)}}}'
        if not self.items.transact(lambda: self._lease(run_id)):
            return False
        is_new = self._start(run_id, body.encode())
        self._note(run_id, {"started": True})
        return is_new

    def _start(self, run_id: str, body: bytes) -> bool:
        """One that was refused gives the lease back: the next delivery tries again and does not wait."""
        reply = self.runs.post("", {}, body)
        if reply.status not in (STARTED, KNOWN):
            self._note(run_id, {"lease_until": _moment(self.clock.now())})
            raise self.runs.refused(reply)
        return reply.status == STARTED

    def _note(self, run_id: str, fields: Mapping[str, object]) -> None:
        id_ = layout.single("run", run_id)

        def note() -> None:
            if found := self.items.get(id_, id_):
                self.items.write(id_, [change(found, fields)])

        self.items.transact(note)

    def _lease(self, run_id: str) -> bool:
        """True if it is for this call to start the run, False if it was started."""
        id_, now = layout.single("run", run_id), self.clock.now()
        run = {"started": False, "lease_until": _moment(now + LEASE), "ttl": _TTL}
        found = self.items.get(id_, id_)
        if found is None:
            self.items.write(id_, [create(id_, run)])
        elif found["started"]:
            return False
        elif found["lease_until"] > _moment(now):
            raise StartPendingError(f"run {run_id} is being started by another call: come again")
        else:
            self.items.write(id_, [change(found, run)])
        return True


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
