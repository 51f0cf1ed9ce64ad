"""The tasks of the order saga, as the workflow's app calls them and wants to be answered: 200 for whatever was decided.

Any other status is a fault to it, and so comes again. What is no call would not be another one the next time.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from functions.api.messages import Request, Response
from functions.entrypoints.answers import only_post
from functions.entrypoints.azure.application import application
from functions.entrypoints.azure.callers import check
from functions.entrypoints.task_calls import answer
from functions.environment import Environment
from functions.services.saga_tasks import Tasks


def order_tasks(request: Request) -> Response:
    app = application()
    return answered(lambda: app.order_tasks, request, app.environment)


def inventory_tasks(request: Request) -> Response:
    app = application()
    return answered(lambda: app.inventory_tasks, request, app.environment)


def payment_tasks(request: Request) -> Response:
    app = application()
    return answered(lambda: app.payment_tasks, request, app.environment)


def delivery_tasks(request: Request) -> Response:
    app = application()
    return answered(lambda: app.delivery_tasks, request, app.environment)


def answered(tasks: Callable[[], Tasks], request: Request, environment: Environment) -> Response:
    """`tasks` is asked once the caller is known."""
    check(request, environment)
    only_post(request)
    body = msgspec.json.encode(answer(tasks(), _call_of(request.body)))
    return Response(status=200, headers={"Content-Type": "application/json"}, body=body)


def _call_of(body: bytes) -> object:
    """None, which is no call, for what is no JSON."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None
