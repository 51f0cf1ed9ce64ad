"""A state of Step Functions puts out 256 KiB at most; answers that are larger are a fault like any other."""

from __future__ import annotations

import pytest

from components.saga.decider import FAULT, Outcome, Phase
from components.saga.definition import Compensation, Node, Parallel, Retry, Saga, Step
from tests.conformance.saga.case import Case, Fate, refuse
from tests.conformance.saga.engine import Engine
from tests.conformance.saga.trace import Trace

HALF = refuse("x" * 70_000)
"""An answer says it twice, as its code and in its message; two such answers are too large together."""
WHOLE = refuse("x" * 140_000)
pytestmark = pytest.mark.parametrize("engine", ["step-functions"], indirect=True)


def step(name: str) -> Step:
    undo = Compensation(task=f"undo-{name}", timeout_seconds=5)
    return Step(name=name, task=f"do-{name}", timeout_seconds=5, retry=Retry(attempts=2), compensation=undo)


def ran(engine: Engine, *nodes: Node, **fates: Fate) -> Trace:
    saga = Saga(name="large", nodes=nodes, on_rejected="record-rejected", on_failed="record-failed")
    return engine.run(Case(saga=saga, fates={(Phase.DO, name): (fate,) for name, fate in fates.items()}))


def undone(trace: Trace) -> list[str]:
    return [attempt.step for attempt in trace.attempts if attempt.phase is Phase.UNDO]


def test_an_answer_that_is_too_large_is_a_fault_that_is_not_retried(engine: Engine) -> None:
    trace = ran(engine, step("a"), step("b"), b=WHOLE)
    assert [attempt.step for attempt in trace.attempts if attempt.phase is Phase.DO] == ["a", "b"]
    assert undone(trace) == ["b", "a"]
    assert (trace.end.outcome, trace.end.failed_step, trace.end.code) == (Outcome.FAILED, "b", FAULT)


def test_a_parallel_whose_answers_are_too_large_together_is_undone(engine: Engine) -> None:
    both = Parallel(name="both", branches=((step("b"), step("c"), step("d")), (step("e"),)))
    trace = ran(engine, step("a"), both, step("f"), c=HALF, e=HALF)
    assert undone(trace) == ["e", "d", "c", "b", "a"]
    assert (trace.end.outcome, trace.end.failed_step, trace.end.code) == (Outcome.FAILED, "both", FAULT)
    assert (trace.end.is_recorded, trace.end.is_alarmed, trace.violations) == (True, False, ())
