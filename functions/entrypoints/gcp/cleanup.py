"""The schedule's call."""

from __future__ import annotations

from datetime import datetime

from functions.api.messages import Request, Response
from functions.entrypoints.answers import only_post
from functions.entrypoints.gcp.application import application
from functions.entrypoints.gcp.observed import DONE

SCHEDULE_TIME = "x-cloudscheduler-scheduletime"


def cleanup(request: Request) -> Response:
    only_post(request)
    app = application()
    app.expire_orders(due(request, app.ports.clock.now()))
    return DONE


def due(request: Request, now: datetime) -> datetime:
    """When Cloud Scheduler meant to call: a call that is late or comes again looks at the same orders. Never later."""
    try:
        meant = datetime.fromisoformat(request.headers.get(SCHEDULE_TIME, ""))
        return min(meant, now)
    except (ValueError, TypeError):  # none, or none with an offset
        return now
