"""The calls of the order saga's tasks, as docs/saga.md has them, for every engine that calls a function with JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

from functions import logs, structs
from functions.codec import MalformedError
from functions.domain.errors import PermanentError
from functions.services.saga_tasks import Failure, SagaCall, Tasks, perform

MAX_MESSAGE_CHARACTERS = 1000
"""The same on every target: a saga keeps no more of why a step said no."""

logger = logging.getLogger(__name__)

Answer: TypeAlias = Mapping[str, str | None]
Count: TypeAlias = Callable[[int], object]


def _uncounted(_: int) -> None:
    """Where the lines of the log are what is counted."""


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


def answer(tasks: Tasks, call: object, *, failed: Count = _uncounted, not_undone: Count = _uncounted) -> Answer:
    """A no is an answer with a code; whatever else goes wrong is raised, and so comes again.

    `failed` counts such a failure, `not_undone` the steps that a run left so.
    """
    try:
        known = _called(call)
        with logs.context(order_id=known.data.order_id, tenant=known.data.tenant):
            result = _performed(tasks, known, failed)
            _report(known, not_undone)
    except PermanentError as error:
        return {"code": error.code, "message": _cut(str(error)), "result": ""}
    return {"code": None, "message": "", "result": result}


def _called(call: object) -> _Call:
    try:
        return structs.convert(call, _Call)
    except msgspec.ValidationError as error:
        logger.error("no call of a task", extra={"reason": str(error)})
        raise MalformedError(f"this is no call of a task: {error}") from None


def _performed(tasks: Tasks, call: _Call, failed: Count) -> str:
    told = {"task": call.task, "attempt": call.attempt}
    try:
        result = perform(tasks, call.task, call.of_the_saga())
    except PermanentError as error:
        logger.info("task refused", extra={**told, "code": error.code})
        raise
    except Exception as error:
        failed(1)
        logger.warning("task failed", exc_info=error, extra=told)
        raise
    logger.info("task done", extra=told)
    return result


def _report(call: _Call, not_undone: Count) -> None:
    if call.uncompensated:
        not_undone(len(call.uncompensated))
        logger.error("steps are not undone", extra={"task": call.task, "steps": call.uncompensated})


def _cut(message: str) -> str:
    """JSON has no half of a surrogate pair, which an error may quote."""
    return message[:MAX_MESSAGE_CHARACTERS].encode(errors="replace").decode()
