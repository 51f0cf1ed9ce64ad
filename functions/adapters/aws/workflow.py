"""Starts of the order saga in Step Functions, once for each run, for both kinds of state machine."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from components.saga.start import checked_run_id, data_to_json
from functions.adapters.aws.clients import AwsClient, AwsUnavailableError, error_code, transient_faults
from functions.adapters.aws.keys import item_key, number, single
from functions.adapters.aws.table import ConditionFailedError, Table, put, update
from functions.domain.events import Json
from functions.ports import Clock

LEASE_SECONDS = 60
"""Longer than StartExecution may take with all of its attempts. It is waited for only where an answer was lost or a
caller was cut off.
"""
SERVER_FAULT = 500
"""From this status on Step Functions may have started the run all the same."""
REMEMBER_SECONDS = 90 * 24 * 3600
"""As long as Step Functions remembers the names of standard executions."""

logger = logging.getLogger(__name__)


class StartPendingError(AwsUnavailableError):
    """Another call is starting this run, or was and did not say how that ended."""

    code = "start-pending"


@dataclass(frozen=True)
class StandardWorkflow:
    """A functions.ports.WorkflowStarter for a standard state machine, which has one execution for each name.

    While the run is under way, Step Functions answers the same start as it did the first; that one is told as new.
    """

    client: AwsClient
    state_machine: str

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        try:
            with transient_faults(of="Step Functions"):
                self.client.start_execution(
                    stateMachineArn=self.state_machine, name=checked_run_id(run_id), input=data_to_json(data)
                )
        except ClientError as error:
            if error_code(error) == "ExecutionAlreadyExists":
                return False
            raise
        return True


@dataclass(frozen=True)
class ExpressWorkflow:
    """A functions.ports.WorkflowStarter for an express state machine, which knows no duplicates: an item guards a run.

    A run is claimed by its item, then started, then noted. Nobody can tell whether a claim without a note was followed
    by a start: such a run is started again when it is asked for after LEASE_SECONDS. That is so where the answer to a
    start was lost, where its note was not taken and the call came again, and where whoever claimed it was cut off.
    """

    client: AwsClient
    state_machine: str
    table: Table
    clock: Clock

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        """StartPendingError while somebody else's lease lasts: the caller comes again to see how that ended."""
        name, text = checked_run_id(run_id), data_to_json(data)
        if not self._lease(name):
            return False
        with transient_faults(of="Step Functions"):
            self._start(name, text)
        self._note(name, "SET started = :noted", {"BOOL": True})
        return True

    def _start(self, name: str, text: str) -> None:
        """A start that was refused gives the lease back, so that the next delivery tries again and does not wait."""
        try:
            self.client.start_execution(stateMachineArn=self.state_machine, name=name, input=text)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < SERVER_FAULT:
                self._note(name, "SET lease_until = :noted", number(0))
            raise

    def _note(self, name: str, change: str, noted: dict[str, Any]) -> None:
        """How a start ended is known without it: to fail now would make the caller come again, and start again."""
        try:
            self.table.write(update(item_key("run", name), change, values={":noted": noted}))
        except AwsUnavailableError as error:
            logger.warning("how a start ended is not noted", exc_info=error, extra={"run_id": name})

    def _lease(self, run_id: str) -> bool:
        """True if it is for this call to start the run, False if it was started."""
        now = int(self.clock.now().timestamp())
        run = {
            **single("run", run_id),
            "started": {"BOOL": False},
            "lease_until": number(now + LEASE_SECONDS),
            "expires_at": number(now + REMEMBER_SECONDS),
        }
        is_free = "attribute_not_exists(pk) OR (started = :no AND lease_until <= :now)"
        try:
            self.table.write(put(run, only_if=is_free, values={":no": {"BOOL": False}, ":now": number(now)}))
        except ConditionFailedError as refused:
            if refused.found[0]["started"]["BOOL"]:
                return False
            raise StartPendingError(f"run {run_id} is being started by another call: come again") from None
        return True
