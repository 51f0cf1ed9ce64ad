"""The tasks of the order saga, as the workflow's app calls them: any other status than 200 is a fault to it."""

from __future__ import annotations

from collections.abc import Callable

from functions.api.messages import Request, Response
from functions.entrypoints.azure.application import application
from functions.entrypoints.azure.callers import check
from functions.entrypoints.posted_calls import answer_posted
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
    return answer_posted(tasks, request)
