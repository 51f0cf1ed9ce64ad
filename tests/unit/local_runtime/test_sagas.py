"""The executor against real tasks, a real store and real threads; a crash is an executor that is simply dropped."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

import pytest

from components.saga.decider import Failure
from components.saga.definition import (
    MAX_DATA_BYTES,
    Case,
    Choice,
    Compensation,
    Parallel,
    Retry,
    Saga,
    SagaError,
    Step,
)
from components.saga.json import to_document
from components.saga.order import ORDER_SAGA
from local_runtime import saga_journal
from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.declarations import Workflow
from local_runtime.errors import StoreError
from local_runtime.saga_turns import MAX_RUNS
from local_runtime.sagas import SagaExecutor
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import MortalStore, eventually, functions
from tests.unit.local_runtime.saga_runs import (
    DECLINED,
    DONE,
    Performer,
    Task,
    executor,
    failure,
    raising,
    run_to_end,
    running,
    status,
)

PAY_AGAIN_LATER = Step(
    name="pay", task="pay", timeout_seconds=30, retry=Retry(attempts=2, interval_seconds=600, cap_seconds=600)
)
PATIENT = Saga(name="patient", nodes=(PAY_AGAIN_LATER,), on_rejected="no", on_failed="no")


def test_a_run_performs_every_step_once_and_succeeds(store: Store) -> None:
    performer = Performer()
    assert run_to_end(executor(store, performer)) == "succeeded"
    tasks = performer.performed()
    assert tasks[:3] == ["validate-order", "reserve-inventory", "process-payment"]
    assert sorted(tasks[3:6]) == ["commit-inventory", "notify-warehouse", "send-confirmation"]
    assert tasks[6:] == ["complete-order"]


def test_tasks_are_told_the_run_its_data_and_a_key_that_stays_the_same(store: Store) -> None:
    failures = iter([True, False])

    def pay(_: TaskCall) -> TaskOutcome:
        if next(failures):
            raise ConnectionError("try again")
        return DONE

    performer = Performer({"process-payment": pay})
    run_to_end(executor(store, performer))
    paid = [call for call in performer.calls if call.task == "process-payment"]
    assert [(c.run_id, c.key, c.attempt, c.data) for c in paid] == [
        ("ord_1", "ord_1:process-payment", attempt, {"order_id": "ord_1"}) for attempt in (1, 2)
    ]


def test_a_business_error_compensates_at_once_and_the_end_is_told_why(store: Store) -> None:
    performer = Performer({"process-payment": lambda _: DECLINED})
    assert run_to_end(executor(store, performer)) == "failed"
    assert performer.performed()[2:] == ["process-payment", "release-inventory", "fail-order"]
    last = performer.calls[-1]
    assert (last.data, last.uncompensated) == ({"order_id": "ord_1"}, ())
    assert last.failure == Failure(step="process-payment", code="payment-declined", message="no money")


def test_a_refused_validation_rejects(store: Store) -> None:
    performer = Performer({"validate-order": lambda _: TaskOutcome(code="rejected")})
    assert run_to_end(executor(store, performer)) == "rejected"
    assert performer.performed() == ["validate-order", "reject-order"]


def test_a_compensation_that_keeps_failing_is_recorded_and_the_others_go_on(store: Store) -> None:
    performer = Performer({"send-confirmation": lambda _: DECLINED, "refund-payment": raising})
    saga_executor = executor(store, performer)
    assert run_to_end(saga_executor) == "failed"
    counts = Counter(performer.performed())
    assert (counts["refund-payment"], counts["release-inventory"], counts["fail-order"]) == (10, 1, 1)
    assert performer.calls[-1].uncompensated == ("process-payment",)
    state = saga_executor.state("ord_1")
    assert state is not None
    assert state.uncompensated == ("process-payment",)


def test_a_run_whose_end_cannot_be_recorded_is_stuck(store: Store) -> None:
    performer = Performer({"validate-order": lambda _: DECLINED, "reject-order": raising})
    saga_executor = executor(store, performer)
    assert run_to_end(saga_executor) == "stuck"
    assert Counter(performer.performed())["reject-order"] == 10


def test_a_task_that_does_not_answer_in_time_is_tried_again_and_its_late_answer_is_ignored(store: Store) -> None:
    release = threading.Event()

    def slow_at_first(call: TaskCall) -> TaskOutcome:
        if call.attempt == 1:
            assert release.wait(10)
            return DECLINED
        release.set()
        return DONE

    step = Step(name="pay", task="pay", timeout_seconds=1, retry=Retry(attempts=2, interval_seconds=1))
    after = Step(name="after", task="after", timeout_seconds=30)
    saga = Saga(name="slow", nodes=(step, after), on_rejected="no", on_failed="no")
    performer = Performer({"pay": slow_at_first})
    assert run_to_end(executor(store, performer, saga)) == "succeeded"
    assert performer.performed() == ["pay", "pay", "after"]


def test_a_choice_follows_the_result_that_a_task_gave_before_a_restart(store: Store) -> None:
    asked, low, high = (Step(name=name, task=name, timeout_seconds=30) for name in ("ask", "low", "high"))
    fork = Choice(name="fork", of="ask", cases=(Case(result="is-high", steps=(high,)),), otherwise=(low,))
    last = Step(name="last", task="last", timeout_seconds=30)
    saga = Saga(name="fork", nodes=(asked, last, fork), on_rejected="no", on_failed="no")
    crash_in(store, "last", saga, {"ask": lambda _: TaskOutcome(result="is-high")})
    after = Performer()
    with running(executor(store, after, saga)) as successor:
        eventually(lambda: status(successor) == "succeeded", "the run ends")
    assert after.performed() == ["last", "high"]


def test_branches_of_a_parallel_run_at_the_same_time(store: Store) -> None:
    together = threading.Barrier(3, timeout=10)

    def meet(_: TaskCall) -> TaskOutcome:
        together.wait()
        return DONE

    branches = ("commit-inventory", "send-confirmation", "notify-warehouse")
    assert run_to_end(executor(store, Performer(dict.fromkeys(branches, meet)))) == "succeeded"


def test_an_id_starts_one_run_ever(store: Store) -> None:
    performer = Performer()
    saga_executor = executor(store, performer)
    run_to_end(saga_executor)
    assert not saga_executor.start("ord_1", {})
    assert len(performer.performed()) == 7


def test_a_run_that_no_other_target_would_take_is_not_begun(store: Store) -> None:
    saga_executor = executor(store, Performer())
    with pytest.raises(SagaError, match="the data of a run is"):
        saga_executor.start("ord_1", {"note": "x" * MAX_DATA_BYTES})
    assert saga_executor.state("ord_1") is None


def test_many_runs_go_side_by_side_and_share_commits(store: Store) -> None:
    performer = Performer()
    saga_executor = executor(store, performer)
    ids = [f"ord_{n}" for n in range(60)]
    for run_id in ids:
        saga_executor.start(run_id, {})
    before = store.commits
    with running(saga_executor):
        eventually(lambda: all(status(saga_executor, run_id) == "succeeded" for run_id in ids), "all runs end")
    assert all(len(performer.performed(run_id)) == 7 for run_id in ids)
    assert store.commits - before < 60 * 7


def crash_in(store: Store, task: str, saga: Saga = ORDER_SAGA, others: Mapping[str, Task] | None = None) -> Performer:
    """Run until `task` is being performed, then let nothing more reach the disk, as `kill -9` would."""
    inside, killed = threading.Event(), threading.Event()

    def hang(_: TaskCall) -> TaskOutcome:
        inside.set()
        assert killed.wait(10)
        return DONE

    performer, mortal = Performer({**(others or {}), task: hang}), MortalStore(store)
    saga_executor = executor(mortal, performer, saga)
    thread = threading.Thread(target=_until_dead, args=(saga_executor,))
    thread.start()
    saga_executor.start("ord_1", {})
    assert inside.wait(10)
    mortal.is_dead = True
    killed.set()
    thread.join(10)
    return performer


def _until_dead(saga_executor: SagaExecutor) -> None:
    with suppress(StoreError):
        saga_executor.run(threading.Event())


@pytest.mark.parametrize("task", ["validate-order", "process-payment", "notify-warehouse", "complete-order"])
def test_a_new_executor_takes_up_where_the_old_one_was_cut_off(store: Store, task: str) -> None:
    before = crash_in(store, task)
    done_before = set(before.performed()) - {task, "commit-inventory", "send-confirmation", "notify-warehouse"}
    after = Performer()
    successor = executor(store, after)
    with running(successor):
        eventually(lambda: status(successor) == "succeeded", "the run ends")
    assert not done_before & set(after.performed())
    assert [call.attempt for call in after.calls if call.task == task] == [1]
    assert starts_in_the_journal(store) == 7, "an attempt that was cut off began once"


def starts_in_the_journal(store: Store) -> int:
    query = "SELECT count(*) FROM saga_journal WHERE kind = 'started'"
    number: int = store.read(lambda connection: connection.execute(query).fetchone()[0])
    return number


def test_a_run_keeps_the_definition_that_it_began_with(store: Store) -> None:
    crash_in(store, "process-payment")
    shorter = Saga(name="order", nodes=ORDER_SAGA.nodes[:1], on_rejected="reject-order", on_failed="fail-order")
    after = Performer()
    tasks = dict.fromkeys(ORDER_SAGA.tasks(), "perform")
    successor = SagaExecutor(
        Workflow(name="order", saga=to_document(shorter), tasks=tasks), store, functions({"perform": after})
    )
    with running(successor):
        eventually(lambda: status(successor) == "succeeded", "the run ends")
    assert "complete-order" in after.performed()


def test_a_run_whose_tasks_nobody_performs_any_more_is_stuck_and_says_why(store: Store) -> None:
    crash_in(store, "process-payment")
    shorter = Saga(name="order", nodes=ORDER_SAGA.nodes[:1], on_rejected="reject-order", on_failed="fail-order")
    successor = executor(store, Performer(), shorter)
    with running(successor):
        eventually(lambda: status(successor) == "stuck", "the run is stuck")
    assert "no function performs task" in failure(successor).message


def test_waits_between_attempts_survive_a_restart(store: Store) -> None:
    """The journal holds when the last attempt failed, so a successor waits for the same moment."""
    unscaled = Workflow(name="order", saga=to_document(PATIENT), tasks={"pay": "perform", "no": "perform"})
    before = Performer({"pay": raising})
    with running(SagaExecutor(unscaled, store, functions({"perform": before}))) as saga_executor:
        saga_executor.start("ord_1", {})
        eventually(lambda: len(before.calls) == 1, "the first attempt")
    after = Performer()
    with running(SagaExecutor(unscaled, store, functions({"perform": after}))) as successor:
        successor.start("ord_2", {})
        eventually(lambda: status(successor, "ord_2") == "succeeded", "another run is not held up")
    assert after.performed("ord_1") == []


def add(store: Store, saga: Saga, *run_ids: str) -> None:
    def change(connection: sqlite3.Connection) -> None:
        for run_id in run_ids:
            saga_journal.add_run(connection, "order", run_id, saga, "{}", 0)

    store.write(change)


def test_runs_that_wait_on_disk_begin_when_all_that_were_loaded_have_ended_at_once(store: Store) -> None:
    step = Step(name="gone", task="gone", timeout_seconds=30)
    gone = Saga(name="gone", nodes=(step,), on_rejected="gone", on_failed="gone")
    add(store, gone, *(f"gone_{n}" for n in range(MAX_RUNS)))
    add(store, ORDER_SAGA, "ord_1")
    with running(executor(store, Performer())) as saga_executor:
        eventually(lambda: status(saga_executor) == "succeeded", "the run that had to wait ends")


def test_no_more_runs_than_the_limit_are_under_way(store: Store) -> None:
    unscaled = Workflow(name="order", saga=to_document(PATIENT), tasks={"pay": "perform", "no": "perform"})
    add(store, PATIENT, *(f"ord_{n}" for n in range(MAX_RUNS + 5)))
    performer = Performer({"pay": raising})
    with running(SagaExecutor(unscaled, store, functions({"perform": performer}))) as saga_executor:
        eventually(lambda: faults_in_the_journal(store) == MAX_RUNS, "each run within the limit has begun")
        saga_executor.wake()
        assert status(saga_executor, f"ord_{MAX_RUNS}") == "running"
    assert {call.run_id for call in performer.calls} == {f"ord_{n}" for n in range(MAX_RUNS)}


def faults_in_the_journal(store: Store) -> int:
    query = "SELECT count(*) FROM saga_journal WHERE kind = 'faulted'"
    number: int = store.read(lambda connection: connection.execute(query).fetchone()[0])
    return number


def test_compensations_of_steps_without_effect_are_not_called(store: Store) -> None:
    a, b = (
        Step(
            name=name,
            task=name,
            timeout_seconds=30,
            compensation=Compensation(task=f"undo-{name}", timeout_seconds=30),
        )
        for name in ("a", "b")
    )
    both = Parallel(name="both", branches=((a,), (b,)))
    performer = Performer({"a": lambda _: DECLINED})
    saga = Saga(name="pair", nodes=(both,), on_rejected="no", on_failed="no")
    assert run_to_end(executor(store, performer, saga)) == "failed"
    assert sorted(performer.performed()) == ["a", "b", "no", "undo-b"]
