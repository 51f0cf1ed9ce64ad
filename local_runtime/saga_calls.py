"""A call of a saga as its task gets it, and what the task answers as the journal keeps it."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any, TypeGuard

from components.saga.decider import FAULT, Call, Entry, Kind
from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.saga_journal import Run

MAX_MESSAGE_CHARACTERS = 1000


def task_call(run: Run, call: Call) -> TaskCall:
    return TaskCall(
        task=call.task,
        run_id=run.run_id,
        key=call.key(run.run_id),
        attempt=call.attempt,
        data=run.data,
        failure=call.failure,
        uncompensated=call.uncompensated,
    )


def answer(call: Call, future: Future[Any], now_ms: int) -> Entry:
    """How an attempt that is over has ended."""
    if error := future.exception():
        return fault(call, f"{type(error).__name__}: {error}", now_ms)
    outcome = future.result()
    if not _is_answer(outcome):
        return fault(call, f"the task returned {outcome!r} instead of a TaskOutcome", now_ms)
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
    """What is no text cannot be stored, and would keep every run of the workflow from going on."""
    return isinstance(outcome, TaskOutcome) and all(
        isinstance(text, str) for text in (outcome.code or "", outcome.message, outcome.result)
    )


def _storable(text: str) -> str:
    """SQLite refuses half of a surrogate pair, which the name of a file in an error may have."""
    return text.encode(errors="replace").decode()
