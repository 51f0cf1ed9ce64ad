"""Runs any saga on Durable Functions: an orchestrator that interprets the definition which its input brings along.

A run is started with {"definition": ..., "run_id": ..., "data": ...} under its own id as the instance's.
components/saga/durable.py writes the definition, docs/saga.md says what it means. The function app has to have the
setting AZURE_FUNCTIONS_DURABLE_STRICT_TYPING=1, or the SDK makes objects of data that looks like one.

Nothing of a run is kept but its history. For everything that happens, Durable Functions calls the orchestrator anew and
plays the history back to it; the orchestrator has to ask for the same things in the same order. So whatever it does
follows from its input, the answers and the context's clock: there is no other clock here, no chance, no setting and no
state of the module.

`_v1`, because runs that are under way go on with the code that is deployed now. A new definition needs no new
interpreter, since each run has its own. A change after which an old history is answered by other calls, timers or ids,
or in another order, needs a `saga_v2` and a `saga_branch_v2`; these here stay deployed until their last run has ended.
It repeats words of components/saga/decider.py, because it is deployed without it and does not change with it.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, TypedDict, TypeVar

ACTIVITY = "perform_task"
BRANCH = "saga_branch_v1"
VERSION = 1
"""Of the definitions that are understood here."""
_MAX_MESSAGE_CHARACTERS = 1000
_FAULT = "fault"


class Task(Protocol):
    """Something that was asked for; once it has ended, `result` is what came of it, or the Exception that did."""

    @property
    def result(self) -> Any: ...  # noqa: ANN401 -- any JSON value


class Timer(Task, Protocol):
    def cancel(self) -> None: ...


class Context(Protocol):
    """The part of azure.durable_functions.DurableOrchestrationContext that a saga needs."""

    @property
    def current_utc_datetime(self) -> datetime: ...

    def get_input(self) -> Any: ...  # noqa: ANN401 -- any JSON value
    def call_activity(self, name: str, input_: Json) -> Task: ...
    def call_sub_orchestrator(self, name: str, input_: Json, instance_id: str) -> Task: ...
    def create_timer(self, fire_at: datetime) -> Timer: ...
    def task_all(self, activities: list[Task]) -> Task: ...
    def task_any(self, activities: list[Task]) -> Task: ...


T = TypeVar("T")
Json: TypeAlias = dict[str, Any]
Orchestration: TypeAlias = Generator[Task, Any, T]
"""Yields what it waits for and is sent what came of it."""


class Progress(TypedDict):
    """How far a sequence of steps came; `reached` are the steps that may have happened, in their order."""

    outcome: str
    reached: list[str]
    results: dict[str, str]
    failure: Json | None


class SagaAlarmError(Exception):
    """Somebody has to look: something could not be undone, or the end not be recorded. The text is JSON."""


def saga_v1(context: Context) -> Orchestration[Json]:
    """Returns how the run ended. Raises SagaAlarmError, which makes the instance Failed, if somebody has to look."""
    given = context.get_input()
    definition = _understood(given["definition"])
    run = _Run(context, given["run_id"], given["data"])
    progress = yield from run.forward(definition["forward"])
    if progress["failure"] is None:
        return {"outcome": progress["outcome"], "failure": None, "uncompensated": []}
    uncompensated = yield from run.backward(definition["backward"], progress["reached"])
    end = definition["end"][progress["outcome"]]
    return (yield from run.end(end, progress["outcome"], progress["failure"], uncompensated))


def saga_branch_v1(context: Context) -> Orchestration[Progress]:
    """One branch of a parallel. It does not fail when a step does: it returns how far it came, and what stopped it."""
    given = context.get_input()
    return (yield from _Run(context, given["run_id"], given["data"]).sequence(given["steps"]))


def _understood(definition: Json) -> Json:
    if definition["version"] != VERSION:
        raise ValueError(
            f"the definition of saga {definition['saga']} has version {definition['version']}; saga_v1 understands "
            f"{VERSION}: start its runs with the orchestrator that was deployed with its compiler"
        )
    return definition


class _Kind(StrEnum):
    SUCCEEDED = "succeeded"
    REFUSED = "refused"
    FAULTED = "faulted"


@dataclass(frozen=True)
class _Ending:
    """What the last attempt of a call ended with; `code` is its result, or the code of its no or of its fault."""

    kind: _Kind
    code: str
    message: str
    attempt: int

    @property
    def may_have_happened(self) -> bool:
        """Every attempt before the last one has faulted."""
        return self.attempt > 1 or self.kind is not _Kind.REFUSED

    def failure(self, step: str) -> Json:
        return {"step": step, "code": self.code, "message": self.message[:_MAX_MESSAGE_CHARACTERS]}


def _ending(answer: object, attempt: int) -> _Ending:
    match answer:
        case Exception():
            return _fault(str(answer), attempt)
        case {"code": None, "message": str(), "result": str(result)}:
            return _Ending(_Kind.SUCCEEDED, result, "", attempt)
        case {"code": str(code), "message": str(message), "result": str()}:
            return _Ending(_Kind.REFUSED, code, message, attempt)
    return _fault("the task answered in another form", attempt)


def _fault(message: str, attempt: int) -> _Ending:
    return _Ending(_Kind.FAULTED, _FAULT, message, attempt)


@dataclass(frozen=True)
class _Run:
    """A run of a saga, or the part of it that a branch is."""

    context: Context
    run_id: str
    data: Json

    def forward(self, nodes: Sequence[Json]) -> Orchestration[Progress]:
        """Node after node; of several branches that failed, the first one of the definition tells why."""
        reached: list[str] = []
        results: dict[str, str] = {}
        for node in nodes:
            sequences = yield from self.node(node, results)
            for sequence in sequences:
                reached += sequence["reached"]
                results |= sequence["results"]
            broken = next((sequence for sequence in sequences if sequence["failure"]), None)
            if broken:
                return {**broken, "reached": reached}
        return {"outcome": "succeeded", "reached": reached, "results": results, "failure": None}

    def node(self, node: Json, results: dict[str, str]) -> Orchestration[Sequence[Progress]]:
        if "parallel" in node:
            return (yield from self.branches(node["parallel"]))
        if "choice" in node:
            choice = node["choice"]
            arm = choice["cases"].get(results[choice["of"]], choice["otherwise"])
            return [(yield from self.sequence(arm))]
        return [(yield from self.sequence([node["step"]]))]

    def branches(self, parallel: Json) -> Orchestration[Sequence[Progress]]:
        """All of them, in the order of the definition, once all have ended.

        Each is an instance of its own, because one generator cannot wait in several places.
        """
        branches = [
            self.context.call_sub_orchestrator(
                BRANCH,
                {"steps": steps, "run_id": self.run_id, "data": self.data},
                f"{self.run_id}:{parallel['name']}:{number}",
            )
            for number, steps in enumerate(parallel["branches"], start=1)
        ]
        ended: list[Progress] = yield self.context.task_all(branches)
        return ended

    def sequence(self, steps: Sequence[Json]) -> Orchestration[Progress]:
        """Step after step, until one has failed for good."""
        progress: Progress = {"outcome": "succeeded", "reached": [], "results": {}, "failure": None}
        for step in steps:
            name = step["name"]
            ending = yield from self.perform(step, name)
            if ending.may_have_happened:
                progress["reached"].append(name)
            if ending.kind is not _Kind.SUCCEEDED:
                is_rejected = step["rejects"] and ending.kind is _Kind.REFUSED
                progress["outcome"] = "rejected" if is_rejected else "failed"
                progress["failure"] = ending.failure(name)
                break
            progress["results"][name] = ending.code
        return progress

    def backward(self, compensations: Sequence[Json], reached: Sequence[str]) -> Orchestration[list[str]]:
        """Undo what may have happened, one after another; the steps that could not be undone."""
        uncompensated = []
        for undo in compensations:
            if undo["step"] in reached:
                ending = yield from self.perform(undo, f"{undo['step']}:undo")
                if ending.kind is not _Kind.SUCCEEDED:
                    uncompensated.append(undo["step"])
        return uncompensated

    def end(self, call: Json, outcome: str, failure: Json, uncompensated: list[str]) -> Orchestration[Json]:
        """Record the end, and say it once more."""
        told = {"failure": failure, "uncompensated": uncompensated}
        ending = yield from self.perform(call, "end", told)
        end_error = None if ending.kind is _Kind.SUCCEEDED else ending.failure("end")
        if uncompensated or end_error:
            raise SagaAlarmError(json.dumps({"outcome": outcome, **told, "end_error": end_error}))
        return {"outcome": outcome, **told}

    def perform(self, call: Json, name: str, told: Json | None = None) -> Orchestration[_Ending]:
        """Attempt until the task is done, says no, or has used up its attempts."""
        retry, key, attempt = call["retry"], f"{self.run_id}:{name}", 1
        while True:
            request = {"task": call["task"], "run_id": self.run_id, "key": key, "attempt": attempt, "data": self.data}
            ending = yield from self.attempt({**request, **(told or {})}, call["timeout_seconds"])
            if ending.kind is not _Kind.FAULTED or attempt == retry["attempts"]:
                return ending
            wait = retry["interval_seconds"] * retry["factor"] ** (attempt - 1)
            yield self.timer(min(wait, retry["cap_seconds"]))
            attempt += 1

    def attempt(self, request: Json, timeout_seconds: int) -> Orchestration[_Ending]:
        """One call of the task. What it answers after the timeout is not listened to."""
        task = self.context.call_activity(ACTIVITY, request)
        timeout = self.timer(timeout_seconds)
        is_late = (yield self.context.task_any([task, timeout])) is timeout
        if is_late:
            return _fault(f"no answer within {timeout_seconds} seconds", request["attempt"])
        timeout.cancel()  # a timer that is left open keeps the instance running until it fires
        return _ending(task.result, request["attempt"])

    def timer(self, seconds: float) -> Timer:
        return self.context.create_timer(self.context.current_utc_datetime + timedelta(seconds=seconds))
