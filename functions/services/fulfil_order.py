"""Start the saga of an order that was placed."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from functions.domain.events import Event
from functions.ports import WorkflowStarter

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FulfilOrder:
    workflow: WorkflowStarter

    def __call__(self, placed: Event) -> None:
        """However often the event is delivered, the order has one run, which bears the order's id."""
        started = self.workflow.start(placed.order_id, {"order_id": placed.order_id, "tenant": placed.tenant})
        logger.info("saga started" if started else "saga was started before")
