"""The tasks of the order saga, as Workflows calls them: a status above 399 is a fault to it, and so comes again."""

from __future__ import annotations

from functions.api.messages import Request, Response
from functions.entrypoints.gcp.application import application
from functions.entrypoints.posted_calls import answer_posted


def order_tasks(request: Request) -> Response:
    return answer_posted(lambda: application().order_tasks, request)


def inventory_tasks(request: Request) -> Response:
    return answer_posted(lambda: application().inventory_tasks, request)


def payment_tasks(request: Request) -> Response:
    return answer_posted(lambda: application().payment_tasks, request)


def delivery_tasks(request: Request) -> Response:
    return answer_posted(lambda: application().delivery_tasks, request)
