"""The tasks of the order saga, as the state machine calls them and wants to be answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import msgspec

from functions import logs
from functions.bootstrap import App
from functions.codec import MalformedError
from functions.domain.errors import PermanentError
from functions.entrypoints.aws.application import application
from functions.entrypoints.aws.observed import Handler, LambdaContext, Metric, count
from functions.services.saga_tasks import Failure, SagaCall, Tasks, perform

MAX_MESSAGE_CHARACTERS = 1000
"""The same on every target: a saga keeps no more of why a step said no."""

logger = logging.getLogger(__name__)


class _Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What the run was started with."""

    order_id: str
    tenant: str


class _Call(msgspec.Struct, frozen=True, kw_only=True):
    task: str
    run_id: str
    key: str
    attempt: int
    data: _Subject
    failure: Failure | None = None
    uncompensated: tuple[str, ...] = ()

    def of_the_saga(self) -> SagaCall:
        return SagaCall(
            key=self.key,
            tenant=self.data.tenant,
            order_id=self.data.order_id,
            failure=self.failure,
            uncompensated=self.uncompensated,
        )


def _of_the_state_machine(tasks_of: Callable[[App], Tasks]) -> Handler:
    """The handler that performs these tasks."""

    @wraps(tasks_of)
    def handler(event: Any, context: LambdaContext) -> Mapping[str, str | None]:  # noqa: ANN401 -- checked below
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


def answer(tasks: Tasks, event: object) -> Mapping[str, str | None]:
    """A no is an answer with a code; whatever else goes wrong is raised, and so comes again."""
    try:
        call = _called(event)
        with logs.context(order_id=call.data.order_id, tenant=call.data.tenant):
            result = _performed(tasks, call)
    except PermanentError as error:
        return {"code": error.code, "message": _cut(str(error)), "result": ""}
    return {"code": None, "message": "", "result": result}


def _called(event: object) -> _Call:
    try:
        return msgspec.convert(event, _Call)
    except msgspec.ValidationError as error:
        logger.error("no call of a task", extra={"reason": str(error)})
        raise MalformedError(f"this is no call of a task: {error}") from None


def _performed(tasks: Tasks, call: _Call) -> str:
    told = {"task": call.task, "attempt": call.attempt}
    try:
        result = perform(tasks, call.task, call.of_the_saga())
    except PermanentError as error:
        logger.info("task refused", extra={**told, "code": error.code})
        raise
    except Exception as error:
        count(Metric.TASKS_FAILED)
        logger.warning("task failed", exc_info=error, extra=told)
        raise
    if call.uncompensated:
        count(Metric.COMPENSATIONS_FAILED, len(call.uncompensated))
        logger.error("steps are not undone", extra={**told, "steps": call.uncompensated})
    logger.info("task done", extra=told)
    return result


def _cut(message: str) -> str:
    """JSON has no half of a surrogate pair, which an error may quote."""
    return message[:MAX_MESSAGE_CHARACTERS].encode(errors="replace").decode()
