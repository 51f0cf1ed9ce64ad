"""Starts of the order saga by the workflow's app, each guarded by an item of Cosmos DB.

The app itself refuses a run that it knows. It forgets one some time after its end, and of two starts in the same moment
it might take both: the item is for these.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from components.saga.start import checked_run_id, data_to_json
from functions.adapters.azure import layout
from functions.adapters.azure.clients import AzureUnavailableError
from functions.adapters.azure.items import Items, change, create
from functions.adapters.azure.rest import Service
from functions.domain.events import Json
from functions.ports import Clock

STARTED, KNOWN = 202, 409
_TTL = int(layout.REMEMBERED.total_seconds())

logger = logging.getLogger(__name__)


class StartPendingError(AzureUnavailableError):
    """Another call is starting this run, or was and did not say how that ended."""

    code = "start-pending"


@dataclass(frozen=True)
class GuardedWorkflow:
    """A functions.ports.WorkflowStarter; `runs` is the address that starts one, and it is asked once at a time.

    A run is claimed by creating its item, then started, then noted. Nobody can tell whether a claim without a note was
    followed by a start: the app is asked again after `lease`, and says no while it knows the run. It starts a second
    one where the first has ended by then and its history was purged, or where both come to it in the same moment. That
    takes an answer that was lost, a note that was not taken, or a caller that was cut off.
    """

    runs: Service
    items: Items
    clock: Clock
    lease: timedelta
    """Longer than a start may take, and over before a message has been delivered for the last time."""

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        """StartPendingError while somebody else's lease lasts: the caller comes again to see how that ended."""
        body = f'{{"run_id": {json.dumps(checked_run_id(run_id))}, "data": {data_to_json(data)}}}'
        owner = uuid4().hex
        if not self.items.transact(lambda: self._lease(run_id, owner)):
            return False
        is_new = self._start(run_id, body.encode())
        self._note(run_id, {"started": True})
        return is_new

    def _start(self, run_id: str, body: bytes) -> bool:
        """One that was refused gives the lease back: the next delivery tries again and does not wait."""
        reply = self.runs.post("", {}, body)
        if reply.status not in (STARTED, KNOWN):
            self._note(run_id, {"lease_until": layout.moment(self.clock.now())})
            raise self.runs.refused(reply)
        return reply.status == STARTED

    def _note(self, run_id: str, fields: Mapping[str, object]) -> None:
        """How a start ended is known without it: to fail now would make the caller come again, and start again."""
        id_ = layout.single("run", run_id)

        def note() -> None:
            if found := self.items.get(id_, id_):
                self.items.write(id_, [change(found, fields)])

        try:
            self.items.transact(note)
        except AzureUnavailableError as error:
            logger.warning("how a start ended is not noted", exc_info=error, extra={"run_id": run_id})

    def _lease(self, run_id: str, owner: str) -> bool:
        """True if it is for this call, which is `owner`, to start the run; False if it was started.

        An owner may find its own lease: when the answer to a write is lost, it is sent again, and refused.
        """
        id_, now = layout.single("run", run_id), self.clock.now()
        until = layout.moment(now + self.lease)
        run = {"started": False, "owner": owner, "lease_until": until, "ttl": _TTL}
        found = self.items.get(id_, id_)
        if found is None:
            self.items.write(id_, [create(id_, run)])
        elif found["started"]:
            return False
        elif found["owner"] == owner:
            return True
        elif found["lease_until"] > layout.moment(now):
            raise StartPendingError(f"run {run_id} is being started by another call: come again")
        else:
            self.items.write(id_, [change(found, run)])
        return True
