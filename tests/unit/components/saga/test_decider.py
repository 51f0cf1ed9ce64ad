"""What a saga means: on generated sagas and fates, and on the order saga by name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.saga.decider import Ended, Entry, Kind, Outcome, Phase, Proceed, decide
from components.saga.definition import Choice, Parallel, Retry, Saga, SagaError, Step, sequences
from components.saga.order import ORDER_SAGA
from tests.conformance.saga.strategies import sagas
from tests.unit.components.saga.sagas import World

SEEDS = st.integers(0, 2**32)


def ran(saga: Saga, seed: int, fates: Mapping[tuple[Phase, str], Kind] | None = None) -> tuple[World, Ended]:
    world = World(saga, seed, fates or {})
    return world, world.run()


def ended_steps(world: World, *kinds: Kind) -> list[str]:
    """Steps of which any attempt ended so, in the order of the definition."""
    found = {entry.step for entry in world.journal if entry.phase is Phase.DO and entry.kind in kinds}
    return [step.name for step in world.saga.steps() if step.name in found]


def all_done(saga: Saga) -> dict[tuple[Phase, str], Kind]:
    return {(Phase.DO, step.name): Kind.SUCCEEDED for step in saga.steps()}


def undone_steps(world: World) -> list[str]:
    return list(dict.fromkeys(call.step for call in world.started if call.phase is Phase.UNDO))


@given(sagas(), SEEDS)
def test_every_saga_ends(saga: Saga, seed: int) -> None:
    _, end = ran(saga, seed)
    assert end.outcome in Outcome


@given(sagas(), SEEDS)
def test_compensations_run_in_reverse_order_of_the_definition_and_only_for_what_may_have_happened(
    saga: Saga, seed: int
) -> None:
    world, end = ran(saga, seed)
    has_undo = {step.name for step in saga.steps() if step.compensation}
    expected = [step for step in reversed(ended_steps(world, Kind.SUCCEEDED, Kind.FAULTED)) if step in has_undo]
    assert undone_steps(world) == ([] if end.outcome is Outcome.SUCCEEDED else expected)


@given(sagas(), SEEDS)
def test_each_compensation_succeeds_once_or_is_reported(saga: Saga, seed: int) -> None:
    world, end = ran(saga, seed)
    succeeded = [e.step for e in world.journal if e.phase is Phase.UNDO and e.kind is Kind.SUCCEEDED]
    assert len(succeeded) == len(set(succeeded))
    assert set(undone_steps(world)) - set(succeeded) == set(end.uncompensated)


@given(sagas(), SEEDS)
def test_a_saga_that_succeeds_did_every_step_once_and_undid_nothing(saga: Saga, seed: int) -> None:
    world, end = ran(saga, seed, all_done(saga))
    assert end == Ended(outcome=Outcome.SUCCEEDED)
    began = [call.step for call in world.started]
    assert len(began) == len(set(began))
    chosen = {step.name for node in saga.nodes if isinstance(node, Choice) for arm in node.arms() for step in arm}
    assert {step.name for step in saga.steps()} - chosen <= set(began)


@given(sagas(), SEEDS)
def test_of_a_choice_one_arm_runs_and_it_is_the_one_of_the_result(saga: Saga, seed: int) -> None:
    world, _ = ran(saga, seed, all_done(saga))
    results = {entry.step: entry.code for entry in world.journal if entry.kind is Kind.SUCCEEDED}
    for choice in (node for node in saga.nodes if isinstance(node, Choice)):
        wanted = next((case.steps for case in choice.cases if case.result == results[choice.of]), choice.otherwise)
        everywhere = {step.name for arm in choice.arms() for step in arm}
        assert everywhere & results.keys() == {step.name for step in wanted}


@given(sagas(), SEEDS)
def test_attempts_count_up_from_one_to_at_most_their_total(saga: Saga, seed: int) -> None:
    world, _ = ran(saga, seed)
    totals = {(Phase.DO, step.name): step.retry.attempts for step in saga.steps()}
    totals |= {(Phase.UNDO, step.name): step.compensation.retry.attempts for step in saga.steps() if step.compensation}
    for call in {(call.phase, call.step) for call in world.started}:
        numbers = [started.attempt for started in world.started if (started.phase, started.step) == call]
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= totals.get(call, 10)


@given(sagas(), SEEDS)
def test_a_business_error_is_never_retried(saga: Saga, seed: int) -> None:
    world, _ = ran(saga, seed)
    for index, entry in enumerate(world.journal):
        if entry.kind is Kind.REFUSED:
            later = world.journal[index + 1 :]
            assert not [e for e in later if (e.phase, e.step) == (entry.phase, entry.step)]


@given(sagas(), SEEDS)
def test_every_branch_runs_to_its_end_before_anything_is_undone(saga: Saga, seed: int) -> None:
    world, _ = ran(saga, seed)
    phases = [entry.phase for entry in world.journal]
    assert phases == sorted(phases, key=[Phase.DO, Phase.UNDO, Phase.END].index)


@given(sagas(), SEEDS)
def test_nothing_that_follows_a_failed_step_is_begun(saga: Saga, seed: int) -> None:
    world, _ = ran(saga, seed)
    begun = {call.step for call in world.started if call.phase is Phase.DO}
    failed = set(ended_steps(world, Kind.REFUSED, Kind.FAULTED)) - set(ended_steps(world, Kind.SUCCEEDED))
    broken = False
    for node in saga.nodes:
        branches = sequences(node)
        for branch in branches:
            names = [step.name for step in branch]
            after = next((names[index + 1 :] for index, name in enumerate(names) if name in failed), [])
            assert not begun & set(names if broken else after)
        broken = broken or any(step.name in failed for branch in branches for step in branch)


@given(sagas(), SEEDS)
@settings(max_examples=30)
def test_an_interrupted_attempt_is_asked_for_again_under_its_number(saga: Saga, seed: int) -> None:
    world, _ = ran(saga, seed)
    for cut, entry in enumerate(world.journal, start=1):
        if entry.kind is Kind.STARTED:
            decision = decide(saga, world.journal[:cut])
            assert isinstance(decision, Proceed)
            again = [call for call in decision.calls if (call.phase, call.step) == (entry.phase, entry.step)]
            assert [(call.attempt, call.is_started) for call in again] == [(entry.attempt, True)]


@given(sagas(), SEEDS)
@settings(max_examples=30)
def test_the_same_journal_always_gives_the_same_decision(saga: Saga, seed: int) -> None:
    world, _ = ran(saga, seed)
    for cut in range(len(world.journal) + 1):
        assert decide(saga, world.journal[:cut]) == decide(saga, list(world.journal[:cut]))


@given(sagas(), SEEDS)
def test_nothing_is_left_to_do_after_the_end(saga: Saga, seed: int) -> None:
    world, end = ran(saga, seed)
    assert decide(saga, world.journal) == end


def test_a_refused_validation_rejects_the_order_and_undoes_nothing() -> None:
    world, end = ran(ORDER_SAGA, 1, {(Phase.DO, "validate-order"): Kind.REFUSED, (Phase.END, "end"): Kind.SUCCEEDED})
    assert end.outcome is Outcome.REJECTED
    assert [call.task for call in world.started] == ["validate-order", "reject-order"]


def test_a_validation_that_keeps_faulting_fails_the_order() -> None:
    world, end = ran(ORDER_SAGA, 1, {(Phase.DO, "validate-order"): Kind.FAULTED, (Phase.END, "end"): Kind.SUCCEEDED})
    assert end.outcome is Outcome.FAILED
    assert [call.task for call in world.started] == ["validate-order"] * 3 + ["fail-order"]


def order(**fates: Kind) -> tuple[World, Ended]:
    """The order saga in which everything succeeds but what is named (`process_payment=...`)."""
    every = {(phase, step.name): Kind.SUCCEEDED for step in ORDER_SAGA.steps() for phase in (Phase.DO, Phase.UNDO)}
    named = {(Phase.DO, name.replace("_", "-")): kind for name, kind in fates.items()}
    return ran(ORDER_SAGA, 7, {**every, (Phase.END, "end"): Kind.SUCCEEDED, **named})


def test_a_declined_payment_releases_the_stock_but_refunds_nothing() -> None:
    world, end = order(process_payment=Kind.REFUSED)
    assert end.outcome is Outcome.FAILED
    assert [call.task for call in world.started][-2:] == ["release-inventory", "fail-order"]


def test_a_payment_with_an_unknown_end_is_refunded() -> None:
    world, _ = order(process_payment=Kind.FAULTED)
    assert [call.task for call in world.started][-3:] == ["refund-payment", "release-inventory", "fail-order"]


def test_a_failing_branch_undoes_the_other_branches_too() -> None:
    world, end = order(send_confirmation=Kind.REFUSED)
    tasks = [call.task for call in world.started]
    assert end.failure is not None
    assert end.failure.step == "send-confirmation"
    assert {"restock", "cancel-shipment"} < set(tasks)
    assert tasks[-3:] == ["refund-payment", "release-inventory", "fail-order"]


def test_the_first_failing_branch_of_the_definition_is_the_failure() -> None:
    _, end = order(commit_inventory=Kind.REFUSED, notify_warehouse=Kind.REFUSED)
    assert end.failure is not None
    assert end.failure.step == "commit-inventory"


def test_the_end_task_is_told_why_and_what_could_not_be_undone() -> None:
    fates = {
        **{(Phase.DO, step.name): Kind.SUCCEEDED for step in ORDER_SAGA.steps()},
        (Phase.DO, "process-payment"): Kind.REFUSED,
        (Phase.UNDO, "reserve-inventory"): Kind.FAULTED,
        (Phase.END, "end"): Kind.SUCCEEDED,
    }
    world, end = ran(ORDER_SAGA, 3, fates)
    told = world.started[-1]
    assert (told.task, told.uncompensated, told.failure) == ("fail-order", ("reserve-inventory",), end.failure)
    assert end.uncompensated == ("reserve-inventory",)


def test_an_end_that_cannot_be_recorded_says_so() -> None:
    _, end = ran(ORDER_SAGA, 3, {(Phase.DO, "validate-order"): Kind.REFUSED, (Phase.END, "end"): Kind.FAULTED})
    assert end.end_error is not None


def test_waits_grow_by_the_factor_and_are_scaled() -> None:
    step = Step(
        name="pay", task="pay", timeout_seconds=1, retry=Retry(attempts=4, interval_seconds=2, factor=3, cap_seconds=10)
    )
    saga = Saga(name="one", nodes=(step,), on_rejected="no", on_failed="no")
    waits = [
        _next_not_before(saga, Entry(kind=Kind.FAULTED, phase=Phase.DO, step="pay", attempt=n, at_ms=5000), scale=0.5)
        for n in (1, 2, 3)
    ]
    assert waits == [6000, 8000, 10000]


def _next_not_before(saga: Saga, entry: Entry, scale: float) -> int:
    decision = decide(saga, [entry], delay_scale=scale)
    assert isinstance(decision, Proceed)
    return decision.calls[0].not_before_ms


def test_keys_tell_a_step_its_compensation_and_the_end_apart() -> None:
    world, _ = order(process_payment=Kind.FAULTED)
    keys = {call.task: call.key("ord_1") for call in world.started}
    assert keys["process-payment"] == "ord_1:process-payment"
    assert keys["refund-payment"] == "ord_1:process-payment:undo"
    assert keys["fail-order"] == "ord_1:end"


def test_steps_of_a_branch_follow_one_another_while_branches_run_side_by_side() -> None:
    def step(name: str) -> Step:
        return Step(name=name, task=name, timeout_seconds=1)

    both = Parallel(name="both", branches=((step("a1"), step("a2")), (step("b1"),)))
    saga = Saga(name="two", nodes=(both,), on_rejected="no", on_failed="no")
    decision = decide(saga, [])
    assert isinstance(decision, Proceed)
    assert [call.step for call in decision.calls] == ["a1", "b1"]


def test_a_journal_of_another_saga_is_refused() -> None:
    with pytest.raises(SagaError, match="has no step bake-cake"):
        decide(ORDER_SAGA, [Entry(kind=Kind.STARTED, phase=Phase.DO, step="bake-cake", attempt=1)])
