"""Starts of the order saga in Workflows, which knows no duplicates: a document of Firestore guards each run."""

from __future__ import annotations

import json
import logging
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
"""Longer than a start may take. It is waited for only where an answer was lost or a caller was cut off."""
REMEMBERED = timedelta(days=90)
"""As long as Workflows keeps an execution after its end."""

logger = logging.getLogger(__name__)


class StartPendingError(GoogleUnavailableError):
    """Another call is starting this run, or was and did not say how that ended."""

    code = "start-pending"


@dataclass(frozen=True)
class GuardedWorkflow:
    """A functions.ports.WorkflowStarter; `workflow` is `projects/P/locations/L/workflows/W`.

    A run is claimed by creating its document, then started, then noted. Workflows takes no name for an execution, so
    nobody can tell whether a claim without a note was followed by a start: such a run is started again when it is asked
    for after LEASE. That is so where the answer to a start was lost, where its note was not taken and the call came
    again, and where whoever claimed it was cut off. To look for the execution would not end that, as a start under way
    is in no list, and would take the right to read every run.
    """

    client: ExecutionsClient
    workflow: str
    documents: Documents
    clock: Clock

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        """StartPendingError while somebody else's lease lasts: the caller comes again to see how that ended."""
        argument = f'{{"run_id": {json.dumps(checked_run_id(run_id))}, "data": {data_to_json(data)}}}'
        if not self.documents.transact(lambda documents: self._lease(documents, run_id)):
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
        """How a start ended is known without it: to fail now would make the caller come again, and start again."""
        noted = update(_run(run_id), fields)
        try:
            self.documents.transact(lambda documents: documents.commit([noted]))
        except GoogleUnavailableError as error:
            logger.warning("how a start ended is not noted", exc_info=error, extra={"run_id": run_id})

    def _lease(self, documents: Documents, run_id: str) -> bool:
        """True if it is for this call to start the run, False if it was started."""
        now = self.clock.now()
        run = {"started": False, "lease_until": now + LEASE, "expires_at": now + REMEMBERED}
        found = documents.get(_run(run_id))
        if found is None:
            documents.commit([create(_run(run_id), run)])
        elif found["started"]:
            return False
        elif found["lease_until"] > now:
            raise StartPendingError(f"run {run_id} is being started by another call: come again")
        else:
            documents.commit([change(found, run)])
        return True


def _run(run_id: str) -> str:
    return layout.single(layout.RUNS, run_id)
