"""The tasks of one workflow, each performed unless somebody has broken it for the run at hand."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from local_runtime.client import NotKeptError, TaskCall
from local_runtime.faults import Fault, Faults
from local_runtime.functions import Functions, FunctionTimeoutError, Invocation


class BrokenTaskError(Exception):
    """Somebody wanted the task to fail."""

    def __init__(self, task: str) -> None:
        super().__init__(f"{task} was broken on purpose: it was not performed")


class LostAnswerError(Exception):
    """Somebody wanted the answer to be lost."""

    def __init__(self, task: str) -> None:
        super().__init__(f"the answer of {task} was lost on purpose: whether it was performed is not known")


@dataclass(frozen=True)
class _Unheard(Invocation):
    """A call whose own answer nobody gets; `performed` is the call."""

    performed: Invocation


class BreakableTasks:
    """A saga_turns.Tasks."""

    def __init__(self, workflow: str, functions: Functions, faults: Faults) -> None:
        self._workflow = workflow
        self._functions = functions
        self._faults = faults

    def begin(self, name: str, event: TaskCall, *, timeout_seconds: float | None = None) -> Invocation:
        try:
            fault = self._faults.meet(self._workflow, event)
        except NotKeptError as error:  # those that are begun with it are under way and have to be waited for
            return self._functions.fail(name, error)
        if fault is Fault.FAIL:
            return self._functions.fail(name, BrokenTaskError(event.task))
        if fault is Fault.STALL:
            return self._functions.stall(name, timeout_seconds=timeout_seconds)
        invocation = self._functions.begin(name, event, timeout_seconds=timeout_seconds)
        return _unheard(invocation, event.task) if fault is Fault.LOSE_ANSWER and event.attempt == 1 else invocation

    def give_up(self, invocation: Invocation) -> FunctionTimeoutError:
        return self._functions.give_up(invocation.performed if isinstance(invocation, _Unheard) else invocation)


def _unheard(performed: Invocation, task: str) -> Invocation:
    lost: Future[Any] = Future()
    performed.future.add_done_callback(lambda _: lost.set_exception(LostAnswerError(task)))
    return _Unheard(performed.function, lost, performed.timeout_seconds, performed)
