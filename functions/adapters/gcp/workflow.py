"""Starts of the order saga in Workflows, which knows no duplicates: a document of Firestore guards each run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from google.api_core import exceptions as sdk
from google.cloud.workflows.executions import Execution, ExecutionsClient

from components.saga.start import checked_run_id, data_to_json
from functions.adapters.gcp import layout
from functions.adapters.gcp.clients import TIMEOUT_SECONDS, GoogleUnavailableError, transient_faults
from functions.adapters.gcp.documents import Documents, change, create, update
from functions.domain.events import Json
from functions.ports import Clock

LEASE = timedelta(seconds=60)
"""Longer than a start may take. It is waited for only where the answer was lost."""
REMEMBERED = timedelta(days=90)
"""As long as Workflows keeps an execution after its end."""


class StartPendingError(GoogleUnavailableError):
    """Another call is starting this run, or was and did not say how that ended."""

    code = "start-pending"


@dataclass(frozen=True)
class GuardedWorkflow:
    """A functions.ports.WorkflowStarter; `workflow` is `projects/P/locations/L/workflows/W`.

    What this gives up: whoever starts a run and ends before saying so leaves it to be started a second time, after
    LEASE. The second run is harmless, as every task is idempotent by its key, but it is paid for.
    """

    client: ExecutionsClient
    workflow: str
    documents: Documents
    clock: Clock

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        """StartPendingError while somebody else's lease lasts: the caller comes again to see how that ended."""
        argument = f'{{"run_id": {json.dumps(checked_run_id(run_id))}, "data": {data_to_json(data)}}}'
        if not self.documents.transact(lambda: self._lease(run_id)):
            return False
        with transient_faults(of="Workflows"):
            self._start(run_id, argument)
        self._note(run_id, {"started": True})
        return True

    def _start(self, run_id: str, argument: str) -> None:
        """One attempt. One that was refused gives the lease back: the next delivery tries again and does not wait."""
        try:
            self.client.create_execution(
                parent=self.workflow, execution=Execution(argument=argument), retry=None, timeout=TIMEOUT_SECONDS
            )
        except sdk.ClientError as error:
            if not isinstance(error, sdk.Cancelled):
                self._note(run_id, {"lease_until": self.clock.now()})
            raise

    def _note(self, run_id: str, fields: Mapping[str, object]) -> None:
        self.documents.transact(lambda: self.documents.commit([update(_run(run_id), fields)]))

    def _lease(self, run_id: str) -> bool:
        """True if it is for this call to start the run, False if it was started."""
        now = self.clock.now()
        run = {"started": False, "lease_until": now + LEASE, "expires_at": now + REMEMBERED}
        found = self.documents.get(_run(run_id))
        if found is None:
            self.documents.commit([create(_run(run_id), run)])
        elif found["started"]:
            return False
        elif found["lease_until"] > now:
            raise StartPendingError(f"run {run_id} is being started by another call: come again")
        else:
            self.documents.commit([change(found, run)])
        return True


def _run(run_id: str) -> str:
    return layout.single(layout.RUNS, run_id)
