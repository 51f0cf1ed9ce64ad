"""The Functions host's timer: a call as it is made when one is due, made when a test asks for it. No clock is here."""

from __future__ import annotations

import json
import re

from tests.azure.worker import new_trace
from tests.e2e.azure.world.apps import App, HostError

NCRONTAB = re.compile(r"(?:[\d*/,-]+ ){5}[\d*/,-]+")
"""Six fields, the first of them seconds."""


def fire(app: App) -> None:
    """Raises InvocationFailedError, after which the host waits for the next time; HostError for no schedule."""
    ((function, binding),) = app.triggers("timerTrigger")
    if not NCRONTAB.fullmatch(binding["schedule"]):
        raise HostError(f"{app.handler}: {binding['schedule']} is no schedule")
    told = {"IsPastDue": False, "Schedule": {"AdjustForDST": True}, "ScheduleStatus": None}
    app.worker.invoke(function["name"], {binding["name"]: {"json": json.dumps(told)}}, traceparent=new_trace())
