"""A call of a saga as its task gets it, and what the task answers as the journal keeps it."""

from __future__ import annotations

import json
from concurrent.futures import Future
from typing import Any, TypeGuard

from components.saga.decider import FAULT, Call, Entry, Kind
from components.saga.definition import NAME
from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.saga_journal import Run

MAX_MESSAGE_CHARACTERS = 1000
WANTED = "a TaskOutcome with a text as its message and a name as its code or its result (a-z, 0-9, -; at most 63)"


def task_call(run: Run, call: Call) -> TaskCall:
    return TaskCall(
        task=call.task,
        run_id=run.run_id,
        key=call.key(run.run_id),
        attempt=call.attempt,
        data=json.loads(run.data),
        failure=call.failure,
        uncompensated=call.uncompensated,
    )


def answer(call: Call, future: Future[Any], now_ms: int) -> Entry:
    """How an attempt that is over has ended; what is no answer is a fault, whatever is wrong with it."""
    error = future.exception()
    left = future.result() if error is None else error
    try:
        if error is not None:
            return fault(call, f"{type(error).__name__}: {error}", now_ms)
        return _answered(call, left, now_ms)
    except BaseException:  # noqa: BLE001 -- raised by what the task left; it must not end the thread of all runs
        return fault(call, f"the task left a {type(left).__name__} that cannot be read", now_ms)


def _answered(call: Call, outcome: object, now_ms: int) -> Entry:
    if not _is_answer(outcome):
        return fault(call, f"a task has to return {WANTED}; this one returned {outcome!r}", now_ms)
    if outcome.code is not None:
        return entry(call, Kind.REFUSED, now_ms, outcome.code, outcome.message)
    return entry(call, Kind.SUCCEEDED, now_ms, outcome.result)


def fault(call: Call, message: str, now_ms: int) -> Entry:
    return entry(call, Kind.FAULTED, now_ms, FAULT, message)


def entry(call: Call, kind: Kind, now_ms: int, code: str = "", message: str = "") -> Entry:
    return Entry(
        kind=kind,
        phase=call.phase,
        step=call.step,
        attempt=call.attempt,
        at_ms=now_ms,
        code=_storable(code),
        message=_storable(message[:MAX_MESSAGE_CHARACTERS]),
    )


def _is_answer(outcome: object) -> TypeGuard[TaskOutcome]:
    return (
        isinstance(outcome, TaskOutcome)
        and (outcome.code is None or _is_name(outcome.code))
        and (outcome.result == "" or _is_name(outcome.result))
        and isinstance(outcome.message, str)
    )


def _is_name(text: object) -> bool:
    return isinstance(text, str) and NAME.fullmatch(text) is not None


def _storable(text: str) -> str:
    """SQLite refuses half of a surrogate pair, which the name of a file in an error may have."""
    return text.encode(errors="replace").decode()
