"""The rules of docs/saga.md, one test for each, on every engine. `tests/docs` holds the two lists together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from components.saga.decider import Outcome, Phase
from components.saga.definition import (
    MAX_STEPS,
    Choice,
    Compensation,
    Parallel,
    Retry,
    Saga,
    SagaError,
    Step,
)
from components.saga.definition import (
    Case as Arm,
)
from tests.conformance.saga.case import CRASH, FAIL, MEET, STALL, Case, Fate, give, refuse
from tests.conformance.saga.engine import Engine, ShowsWaits
from tests.conformance.saga.trace import Trace


def step(name: str, *, attempts: int = 1, undo: int = 0, rejects: bool = False) -> Step:
    """`undo` is how often its compensation is attempted; 0: it has none."""
    retry = Retry(attempts=undo, interval_seconds=1) if undo else None
    return Step(
        name=name,
        task=f"do-{name}",
        timeout_seconds=1,
        retry=Retry(attempts=attempts, interval_seconds=1),
        compensation=Compensation(task=f"undo-{name}", timeout_seconds=1, retry=retry) if retry else None,
        rejects=rejects,
    )


def saga(*nodes: Step | Parallel | Choice) -> Saga:
    return Saga(
        name="rule", nodes=nodes, on_rejected="record-rejected", on_failed="record-failed", end_timeout_seconds=1
    )


def ran(engine: Engine, *nodes: Step | Parallel | Choice, starts: int = 1, **fates: Fate | tuple[Fate, ...]) -> Trace:
    """Fates by the step's name; `undo_` before it means its compensation, `end` the record of the end."""
    named = {
        (
            Phase.END if name == "end" else Phase.UNDO if name.startswith("undo_") else Phase.DO,
            name.removeprefix("undo_"),
        ): (fate if isinstance(fate, tuple) else (fate,))
        for name, fate in fates.items()
    }
    trace = engine.run(Case(saga=saga(*nodes), fates=named, starts=starts))
    assert trace.violations == ()
    return trace


def calls(trace: Trace, *phases: Phase) -> list[str]:
    """`a1` is the first attempt of step a."""
    return [f"{each.step}{each.number}" for each in trace.attempts if each.phase in phases]


def done(trace: Trace) -> list[str]:
    return calls(trace, Phase.DO)


def undone(trace: Trace) -> list[str]:
    return calls(trace, Phase.UNDO)


UNDO_B = Compensation(task="undo-b", timeout_seconds=1, retry=Retry(attempts=2, interval_seconds=1))
A, B, C = step("a", undo=1), step("b", undo=1), step("c", undo=1)
LEFT, RIGHT = step("left", undo=1), step("right", undo=1)
BOTH = Parallel(name="both", branches=((LEFT, B), (RIGHT, C)))
FORK = Choice(
    name="fork",
    of="a",
    cases=(Arm(result="go-left", steps=(LEFT,)), Arm(result="go-right", steps=(RIGHT,))),
    otherwise=(step("straight", undo=1),),
)


def test_steps_run_in_the_order_of_the_definition(engine: Engine) -> None:
    assert done(ran(engine, A, B, C)) == ["a1", "b1", "c1"]
    assert done(ran(engine, A, B, C, b=refuse())) == ["a1", "b1"]


def test_attempts_are_totals(engine: Engine) -> None:
    assert done(ran(engine, step("a", attempts=3), a=FAIL)) == ["a1", "a2", "a3"]
    assert done(ran(engine, step("a", attempts=1), a=FAIL)) == ["a1"]
    assert done(ran(engine, step("a", attempts=3), B, a=(FAIL, CRASH, give("")))) == ["a1", "a2", "a3", "b1"]


def test_waits_grow_by_the_factor_up_to_the_cap(engine: Engine) -> None:
    patient = Retry(attempts=5, interval_seconds=2, factor=3, cap_seconds=10)
    undo = Compensation(task="undo-a", timeout_seconds=1, retry=replace(patient, attempts=3, factor=1.5))
    first = replace(step("a"), retry=patient, compensation=undo)
    fates = {(Phase.DO, "a"): (FAIL,), (Phase.UNDO, "a"): (FAIL,), (Phase.END, "end"): (FAIL,) * 7 + (give(""),)}
    assert isinstance(engine, ShowsWaits)
    waits = engine.waits(Case(saga=saga(first), fates=fates))
    assert waits == pytest.approx([2, 6, 10, 10, *(2, 3), *(2, 4, 8, 16, 32, 60, 60)])


def test_a_business_error_is_never_retried(engine: Engine) -> None:
    trace = ran(engine, step("a", attempts=3), a=refuse("out-of-stock"))
    assert done(trace) == ["a1"]
    assert (trace.end.failed_step, trace.end.code) == ("a", "out-of-stock")


def test_a_late_answer_is_a_fault_and_is_not_listened_to(engine: Engine) -> None:
    trace = ran(engine, step("a", attempts=2, undo=1), B, a=(STALL, refuse("no")))
    assert done(trace) == ["a1", "a2"]
    assert undone(trace) == ["a1"]
    assert ran(engine, step("a", attempts=2), B, a=(STALL, give(""))).end.outcome is Outcome.SUCCEEDED


def test_a_step_its_compensation_and_the_end_have_timeouts_of_their_own(engine: Engine) -> None:
    """A stalled attempt answers soon after a second, which is late for a timeout of a second and for no other."""
    late = (STALL, give(""))
    quick, slow = step("a", attempts=2, undo=2), step("b", attempts=2, undo=2)
    slow = replace(slow, compensation=replace(UNDO_B, timeout_seconds=20))
    assert undone(ran(engine, slow, C, c=refuse(), b=late)) == ["b1"]
    quick = replace(quick, timeout_seconds=20)
    assert undone(ran(engine, quick, C, c=refuse(), undo_a=late)) == ["a1", "a2"]
    assert calls(ran(engine, quick, a=refuse(), end=late), Phase.END) == ["end1", "end2"]


def test_a_choice_follows_the_result(engine: Engine) -> None:
    assert done(ran(engine, A, B, FORK, C, a=give("go-left"))) == ["a1", "b1", "left1", "c1"]
    assert done(ran(engine, A, B, FORK, C, a=give("go-right"))) == ["a1", "b1", "right1", "c1"]
    assert done(ran(engine, A, B, FORK, C, a=give("elsewhere"))) == ["a1", "b1", "straight1", "c1"]
    assert done(ran(engine, A, B, FORK, C)) == ["a1", "b1", "straight1", "c1"]
    assert done(ran(engine, A, B, replace(FORK, otherwise=()), C, a=give("elsewhere"))) == ["a1", "b1", "c1"]
    with_an_empty_arm = replace(FORK, cases=(*FORK.cases, Arm(result="go-on", steps=())))
    assert done(ran(engine, A, B, with_an_empty_arm, C, a=give("go-on"))) == ["a1", "b1", "c1"]


def test_branches_run_side_by_side(engine: Engine) -> None:
    """Each branch has a step that waits for one of the other; the world notes a step that waited in vain."""
    patient = [replace(each, timeout_seconds=20) for each in (LEFT, RIGHT)]
    both = Parallel(name="both", branches=((A, patient[0]), (patient[1],)))
    assert ran(engine, both, left=MEET, right=MEET).end.outcome is Outcome.SUCCEEDED


def test_every_branch_ends_before_the_saga_decides(engine: Engine) -> None:
    trace = ran(engine, A, BOTH, left=refuse())
    assert done(trace) == ["a1", "left1", "right1", "c1"]
    assert undone(trace) == ["c1", "right1", "a1"]


def test_the_first_failing_branch_of_the_definition_tells_why(engine: Engine) -> None:
    trace = ran(engine, BOTH, b=refuse("late"), right=refuse("early"))
    assert (trace.end.failed_step, trace.end.code) == ("b", "late")


def test_what_may_have_happened_is_undone(engine: Engine) -> None:
    twice = step("a", attempts=2, undo=1)
    assert undone(ran(engine, twice, B, b=refuse())) == ["a1"]
    assert undone(ran(engine, twice, B, a=FAIL)) == ["a1"]
    assert undone(ran(engine, twice, B, a=(CRASH, refuse()))) == ["a1"]
    assert undone(ran(engine, twice, B, a=refuse())) == []
    assert undone(ran(engine, step("a"), B, C, c=refuse())) == ["b1"]
    in_a_branch = Parallel(name="both", branches=((twice, B), (C,)))
    assert undone(ran(engine, in_a_branch, a=(CRASH, refuse()))) == ["c1", "a1"]
    assert undone(ran(engine, in_a_branch, a=refuse())) == ["c1"]


def test_compensations_run_one_by_one_in_reverse_order_of_the_definition(engine: Engine) -> None:
    trace = ran(engine, A, BOTH, step("d"), d=refuse())
    assert undone(trace) == ["c1", "right1", "b1", "left1", "a1"]


def test_only_the_arm_that_ran_is_undone(engine: Engine) -> None:
    assert undone(ran(engine, A, FORK, B, a=give("go-right"), b=refuse())) == ["right1", "a1"]
    assert undone(ran(engine, A, FORK, B, b=refuse())) == ["straight1", "a1"]
    assert undone(ran(engine, A, FORK, B, a=give("go-left"), left=FAIL)) == ["left1", "a1"]


def test_a_compensation_is_retried_like_a_step(engine: Engine) -> None:
    trace = ran(engine, step("a", undo=3), B, b=refuse(), undo_a=(FAIL, STALL, give("")))
    assert undone(trace) == ["a1", "a2", "a3"]
    assert trace.end.uncompensated == ()


def test_a_failing_compensation_is_reported_and_the_others_go_on(engine: Engine) -> None:
    trace = ran(engine, A, step("b", undo=2), step("c", undo=3), step("d"), d=refuse(), undo_b=FAIL, undo_c=refuse())
    assert undone(trace) == ["c1", "b1", "b2", "a1"]
    assert trace.end.uncompensated == ("b", "c")
    assert [told.uncompensated for told in trace.told] == [("b", "c")]


def test_a_saga_that_succeeds_records_nothing(engine: Engine) -> None:
    trace = ran(engine, A, BOTH)
    assert trace.end.outcome is Outcome.SUCCEEDED
    assert calls(trace, Phase.UNDO, Phase.END) == []


def test_a_rejecting_step_that_says_no_rejects(engine: Engine) -> None:
    checked = step("b", attempts=2, rejects=True)
    refused = ran(engine, A, checked, b=refuse("too-much"))
    assert (refused.end.outcome, refused.told[0].task) == (Outcome.REJECTED, "record-rejected")
    assert undone(refused) == ["a1"]
    faulted = ran(engine, A, checked, b=FAIL)
    assert (faulted.end.outcome, faulted.told[0].task) == (Outcome.FAILED, "record-failed")
    later = ran(engine, checked, C, c=refuse())
    assert (later.end.outcome, later.told[0].task) == (Outcome.FAILED, "record-failed")


def test_the_end_is_recorded_last_and_with_its_reason(engine: Engine) -> None:
    trace = ran(engine, A, B, b=refuse("declined"), undo_a=FAIL, end=(FAIL, CRASH, give("")))
    assert calls(trace, *Phase) == ["a1", "b1", "a1", "end1", "end2", "end3"]
    (told,) = trace.told[:1]
    assert (told.failed_step, told.code, told.uncompensated) == ("b", "declined", ("a",))
    faulted = ran(engine, A, a=FAIL)
    assert (faulted.told[0].failed_step, faulted.told[0].code) == ("a", "fault")


def test_an_engines_failed_status_means_that_somebody_has_to_look(engine: Engine) -> None:
    assert not ran(engine, A).end.is_alarmed
    assert not ran(engine, A, B, b=refuse()).end.is_alarmed
    assert ran(engine, A, B, b=refuse(), undo_a=refuse()).end.is_alarmed
    unrecorded = ran(engine, A, a=refuse(), end=FAIL)
    assert calls(unrecorded, Phase.END) == [f"end{number}" for number in range(1, 11)]
    assert (unrecorded.end.is_recorded, unrecorded.end.is_alarmed) == (False, True)
    assert ran(engine, A, a=refuse(), end=refuse()).end.is_alarmed


def test_the_key_is_the_same_for_every_attempt(engine: Engine) -> None:
    trace = ran(
        engine,
        step("a", attempts=2, undo=2),
        B,
        b=refuse(),
        a=(FAIL, give("")),
        undo_a=(FAIL, give("")),
        end=(FAIL, give("")),
    )
    keys = [attempt.key for attempt in trace.attempts]
    assert keys == ["saga:a", "saga:a", "saga:b", "saga:a:undo", "saga:a:undo", "saga:end", "saga:end"]


def test_the_data_reaches_every_task_unchanged(engine: Engine) -> None:
    """The world notes any difference: see DATA, which is full of what engines evaluate."""
    ran(engine, A, BOTH, step("d"), d=refuse())


def test_a_second_start_changes_nothing(engine: Engine) -> None:
    assert calls(ran(engine, A, B, starts=3, b=refuse()), *Phase) == ["a1", "b1", "a1", "end1"]


def test_a_run_survives_the_death_of_its_engine(engine: Engine) -> None:
    for call in range(1, 9):
        case = Case(saga=saga(A, BOTH, step("d")), fates={(Phase.DO, "d"): (FAIL,)}, kills=(call,))
        trace = engine.run(case)
        assert trace.violations == ()
        assert calls(trace, Phase.DO) == ["a1", "left1", "b1", "right1", "c1", "d1"]
        assert calls(trace, Phase.UNDO, Phase.END) == ["c1", "right1", "b1", "left1", "a1", "end1"]


def test_a_run_keeps_the_definition_that_it_began_with(engine: Engine) -> None:
    case = Case(saga=saga(A, B, C), kills=(2,), deployed_meanwhile=saga(A))
    assert done(engine.run(case)) == ["a1", "b1", "c1"]


def test_a_run_is_cancelled_by_a_task_that_says_no(engine: Engine) -> None:
    trace = ran(engine, A, BOTH, step("d"), d=refuse("not-open"))
    assert (trace.end.outcome, trace.end.code) == (Outcome.FAILED, "not-open")
    assert undone(trace) == ["c1", "right1", "b1", "left1", "a1"]


def test_what_is_too_large_is_refused_before_it_runs(engine: Engine) -> None:
    """The largest that is allowed runs; tests/unit/components/saga has what each compiler refuses besides."""
    steps = [step(f"step-{number}", undo=1) for number in range(MAX_STEPS + 1)]
    assert len(done(ran(engine, *steps[:MAX_STEPS]))) == MAX_STEPS
    with pytest.raises(SagaError, match=f"the number of steps is {MAX_STEPS + 1}; allowed is 1 to {MAX_STEPS}"):
        saga(*steps)
