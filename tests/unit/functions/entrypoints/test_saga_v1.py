"""What the orchestrators ask Durable Functions for, call by call; tests/conformance/saga has what it amounts to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from components.saga.definition import Choice, Compensation, Parallel, Retry, Saga, Step
from components.saga.durable import VERSION, compile_durable
from functions.entrypoints.azure import saga_v1 as module
from functions.entrypoints.azure.saga_v1 import SagaAlarmError, saga_branch_v1, saga_v1
from tests.architecture.source import imports

START = datetime(2026, 1, 1, tzinfo=UTC)
DONE = {"code": None, "message": "", "result": ""}
NO = {"code": "declined", "message": "too poor", "result": ""}
FAILED = Exception("Activity function 'perform_task' failed: no connection \n None")
LATE = "late"
DATA = {"order_id": "ord_1"}


@dataclass
class FakeTask:
    """`kind` and `what` are as it was asked for; `result` is there once it has ended."""

    kind: str
    what: Any
    result: Any = None
    is_cancelled: bool = False

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class FakeContext:
    """Ends whatever is waited for at once, and moves the clock on; `answer` says what comes of an activity."""

    given: Any
    answer: Callable[[dict[str, Any]], Any]
    instance_id: str = "run-1"
    current_utc_datetime: datetime = START
    asked: list[FakeTask] = field(default_factory=list)

    def get_input(self) -> Any:  # noqa: ANN401 -- any JSON value
        return json.loads(json.dumps(self.given))

    def call_activity(self, name: str, input_: dict[str, Any]) -> FakeTask:
        return self._ask(name, input_)

    def create_timer(self, fire_at: datetime) -> FakeTask:
        return self._ask("timer", (fire_at - self.current_utc_datetime).total_seconds())

    def call_sub_orchestrator(self, name: str, input_: dict[str, Any], instance_id: str) -> FakeTask:
        return self._ask(name, FakeContext(input_, self.answer, instance_id, self.current_utc_datetime))

    def task_any(self, activities: list[Any]) -> FakeTask:
        return FakeTask("any", activities)

    def task_all(self, activities: list[Any]) -> FakeTask:
        return FakeTask("all", activities)

    def _ask(self, kind: str, what: object) -> FakeTask:
        self.asked.append(FakeTask(kind, what))
        return self.asked[-1]

    def wait(self, task: Any) -> Any:  # noqa: ANN401 -- whatever the task gives
        if task.kind == "all":
            return [run(branch.what, saga_branch_v1) for branch in task.what]
        if task.kind == "any":
            activity, timer = task.what
            activity.result = self.answer(activity.what)
            if activity.result is not LATE:
                return activity
            task = timer
        self.current_utc_datetime += timedelta(seconds=task.what)
        return task

    def activities(self) -> list[dict[str, Any]]:
        return [task.what for task in self.asked if task.kind == "perform_task"]

    def timers(self) -> list[FakeTask]:
        return [task for task in self.asked if task.kind == "timer"]


def run(context: FakeContext, orchestrator: Callable[[Any], Generator[Any, Any, Any]]) -> Any:  # noqa: ANN401
    generator, sent = orchestrator(context), None
    while True:
        try:
            sent = context.wait(generator.send(sent))
        except StopIteration as returned:
            return returned.value


def step(name: str, *, retry: Retry | None = None, undo: bool = False, rejects: bool = False) -> Step:
    compensation = Compensation(task=f"undo-{name}", timeout_seconds=7, retry=Retry(attempts=1)) if undo else None
    return Step(
        name=name,
        task=f"do-{name}",
        timeout_seconds=30,
        retry=retry or Retry(attempts=1),
        compensation=compensation,
        rejects=rejects,
    )


def started(*nodes: Step | Parallel | Choice, **answers: Any) -> FakeContext:  # noqa: ANN401 -- any JSON value
    """A run in which the tasks named by their keys answer otherwise than `done`; `undo_a` is the key a:undo."""
    saga = Saga(name="small", nodes=nodes, on_rejected="reject", on_failed="fail", end_timeout_seconds=5)
    definition = json.loads(compile_durable(saga))
    scripts = {name: iter(script if isinstance(script, list) else [script] * 99) for name, script in answers.items()}

    def answer(call: dict[str, Any]) -> Any:  # noqa: ANN401 -- any JSON value
        _, name, *undo = call["key"].split(":")
        return next(scripts.get(f"undo_{name}" if undo else name, iter([DONE])))

    return FakeContext({"definition": definition, "run_id": "run-1", "data": DATA}, answer)


def test_a_call_is_made_in_the_form_that_all_targets_share() -> None:
    context = started(step("a", undo=True), step("b"), b=NO)
    run(context, saga_v1)
    by_key = {call["key"]: call for call in context.activities()}
    shared = {"run_id": "run-1", "attempt": 1, "data": DATA}
    assert by_key["run-1:a"] == {"task": "do-a", "key": "run-1:a", **shared}
    assert by_key["run-1:a:undo"] == {"task": "undo-a", "key": "run-1:a:undo", **shared}
    told = {"failure": {"step": "b", "code": "declined", "message": "too poor"}, "uncompensated": []}
    assert by_key["run-1:end"] == {"task": "fail", "key": "run-1:end", **shared, **told}


def test_each_call_has_the_timeout_of_the_definition_and_cancels_it_when_it_was_answered() -> None:
    context = started(step("a", undo=True), step("b"), b=NO)
    run(context, saga_v1)
    assert [(timer.what, timer.is_cancelled) for timer in context.timers()] == [
        (30, True),
        (30, True),
        (7, True),
        (5, True),
    ]


def test_a_late_answer_is_a_fault_and_its_timer_has_fired() -> None:
    context = started(step("a"), a=LATE)
    ended = run(context, saga_v1)
    assert ended["failure"] == {"step": "a", "code": "fault", "message": "no answer within 30 seconds"}
    assert not context.timers()[0].is_cancelled


def test_waits_grow_by_the_factor_up_to_the_cap() -> None:
    retry = Retry(attempts=6, interval_seconds=2, factor=1.5, cap_seconds=7)
    context = started(step("a", retry=retry), a=FAILED)
    run(context, saga_v1)
    waits = [timer.what for timer in context.timers() if timer.what not in (30, 5)]
    assert waits == [2, 3, 4.5, 6.75, 7]
    assert [call["attempt"] for call in context.activities()] == [1, 2, 3, 4, 5, 6, 1]


def test_an_errors_text_is_kept_and_bounded() -> None:
    assert "no connection" in run(started(step("a"), a=FAILED), saga_v1)["failure"]["message"]
    endless = run(started(step("a"), a=Exception("x" * 5000)), saga_v1)
    assert endless["failure"] == {"step": "a", "code": "fault", "message": "x" * 1000}


def test_the_message_of_a_no_is_bounded_too() -> None:
    endless = run(started(step("a"), a={**NO, "message": "x" * 5000}), saga_v1)
    assert endless["failure"] == {"step": "a", "code": "declined", "message": "x" * 1000}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "done",
        [],
        {},
        {"code": None},
        {"code": None, "message": "", "result": None},
        {"code": None, "message": None, "result": ""},
        {"code": 7, "message": "", "result": ""},
        {"code": "declined", "message": "", "result": 7},
        {"message": "", "result": ""},
    ],
)
def test_an_answer_of_another_form_is_a_fault(answer: object) -> None:
    context = started(step("a", retry=Retry(attempts=2), undo=True), a=[answer, answer])
    fault = {"step": "a", "code": "fault", "message": "the task answered in another form"}
    assert run(context, saga_v1) == {"outcome": "failed", "failure": fault, "uncompensated": []}
    assert [call["key"] for call in context.activities()] == ["run-1:a", "run-1:a", "run-1:a:undo", "run-1:end"]


def test_what_an_answer_has_besides_is_passed_over() -> None:
    assert run(started(step("a"), a={**DONE, "more": 1}), saga_v1)["outcome"] == "succeeded"


def test_branches_are_instances_of_their_own_whose_ids_follow_from_the_definition() -> None:
    both = Parallel(name="both", branches=((step("a"),), (step("b"), step("c"))))
    context = started(both)
    assert run(context, saga_v1) == {"outcome": "succeeded", "failure": None, "uncompensated": []}
    assert [task.kind for task in context.asked] == ["saga_branch_v1", "saga_branch_v1"]
    assert [task.what.instance_id for task in context.asked] == ["run-1:both:1", "run-1:both:2"]
    assert [call["key"] for call in context.asked[1].what.activities()] == ["run-1:b", "run-1:c"]


def test_a_branch_returns_how_far_it_came() -> None:
    context = started(step("a"), step("b"), step("c"), b=[FAILED, NO])
    context.given["steps"] = [node["step"] for node in context.given["definition"]["forward"]]
    context.given["steps"][1]["retry"]["attempts"] = 2
    assert run(context, saga_branch_v1) == {
        "outcome": "failed",
        "reached": ["a", "b"],
        "results": {"a": ""},
        "failure": {"step": "b", "code": "declined", "message": "too poor"},
    }


def test_a_run_that_was_undone_returns_how_it_ended() -> None:
    ended = run(started(step("a", undo=True), step("b", rejects=True), b=NO), saga_v1)
    failure = {"step": "b", "code": "declined", "message": "too poor"}
    assert ended == {"outcome": "rejected", "failure": failure, "uncompensated": []}


def test_a_run_that_could_not_be_undone_raises_the_same_as_json() -> None:
    with pytest.raises(SagaAlarmError) as alarm:
        run(started(step("a", undo=True), step("b"), b=NO, undo_a=FAILED), saga_v1)
    assert json.loads(str(alarm.value)) == {
        "outcome": "failed",
        "failure": {"step": "b", "code": "declined", "message": "too poor"},
        "uncompensated": ["a"],
        "end_error": None,
    }


def test_a_run_whose_end_was_not_recorded_raises_why() -> None:
    with pytest.raises(SagaAlarmError) as alarm:
        run(started(step("a"), a=NO, end=NO), saga_v1)
    assert json.loads(str(alarm.value))["end_error"] == {"step": "end", "code": "declined", "message": "too poor"}


def test_a_definition_of_another_version_is_refused_before_anything_is_done() -> None:
    context = started(step("a"))
    context.given["definition"]["version"] = 2
    with pytest.raises(ValueError, match="the definition of saga small has version 2; saga_v1 understands 1: start"):
        run(context, saga_v1)
    assert context.asked == []


def test_it_understands_what_the_compiler_writes() -> None:
    assert module.VERSION == VERSION


def test_it_needs_nothing_but_the_standard_library() -> None:
    assert {name.partition(".")[0] for name in imports(Path(module.__file__))} <= sys.stdlib_module_names
