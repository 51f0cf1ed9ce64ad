"""The tasks of the order saga, as the state machine calls them and wants to be answered."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from functions.bootstrap import App
from functions.entrypoints import task_calls
from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.observed import Handler, LambdaContext, Metric, count
from functions.entrypoints.task_calls import Answer
from functions.services.saga_tasks import Tasks


def _of_the_state_machine(tasks_of: Callable[[App], Tasks]) -> Handler:
    """The handler that performs these tasks."""

    @wraps(tasks_of)
    def handler(event: Any, context: LambdaContext) -> Answer:  # noqa: ANN401 -- checked when it is read
        return answer(tasks_of(application()), event)

    return handler


@_of_the_state_machine
def order_tasks(app: App) -> Tasks:
    return app.order_tasks


@_of_the_state_machine
def inventory_tasks(app: App) -> Tasks:
    return app.inventory_tasks


@_of_the_state_machine
def payment_tasks(app: App) -> Tasks:
    return app.payment_tasks


@_of_the_state_machine
def delivery_tasks(app: App) -> Tasks:
    return app.delivery_tasks


def answer(tasks: Tasks, event: object) -> Answer:
    return task_calls.answer(
        tasks,
        event,
        failed=partial(count, Metric.TASKS_FAILED),
        not_undone=partial(count, Metric.COMPENSATIONS_FAILED),
    )
