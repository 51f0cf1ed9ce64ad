"""The calls of the order saga's tasks for an engine that posts them, and takes each status but 200 for a fault.

Whatever was decided is a 200; a fault comes again. What is no call would not be another one the next time.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from functions.api.messages import Request, Response
from functions.entrypoints.answers import only_post
from functions.entrypoints.task_calls import answer
from functions.services.saga_tasks import Tasks


def answer_posted(tasks: Callable[[], Tasks], request: Request) -> Response:
    """`tasks` is asked only for a POST; raises a 405, and whatever keeps a task from being decided."""
    only_post(request)
    body = msgspec.json.encode(answer(tasks(), _call_of(request.body)))
    return Response(status=200, headers={"Content-Type": "application/json"}, body=body)


def _call_of(body: bytes) -> object:
    """None, which is no call, for what is no JSON."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
