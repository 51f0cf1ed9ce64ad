"""The tasks of the order saga, as Workflows calls them and wants to be answered: 200 for whatever was decided.

A status above 399 is a fault to Workflows, and so comes again. What is no call would not be another one the next time.
"""

from __future__ import annotations

import msgspec

from functions.api.messages import Request, Response
from functions.entrypoints.gcp.application import application
from functions.entrypoints.gcp.observed import only_post
from functions.entrypoints.task_calls import answer
from functions.services.saga_tasks import Tasks


def order_tasks(request: Request) -> Response:
    return answered(application().order_tasks, request)


def inventory_tasks(request: Request) -> Response:
    return answered(application().inventory_tasks, request)


def payment_tasks(request: Request) -> Response:
    return answered(application().payment_tasks, request)


def delivery_tasks(request: Request) -> Response:
    return answered(application().delivery_tasks, request)


def answered(tasks: Tasks, request: Request) -> Response:
    only_post(request)
    body = msgspec.json.encode(answer(tasks, _call_of(request.body)))
    return Response(status=200, headers={"Content-Type": "application/json"}, body=body)


def _call_of(body: bytes) -> object:
    """None, which is no call, for what is no JSON."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
