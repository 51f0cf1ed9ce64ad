"""The run time's saga executor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from functions.domain.events import Json
from local_runtime.client import Client


@dataclass(frozen=True)
class LocalWorkflow:
    """A functions.ports.WorkflowStarter."""

    client: Client
    workflow: str

    def start(self, run_id: str, data: Mapping[str, Json]) -> bool:
        return self.client.start(self.workflow, run_id, data)
