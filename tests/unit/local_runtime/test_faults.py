"""The fault switch: who meets a broken task, what becomes of the run, and that nobody else notices."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from components.saga.definition import Compensation, Retry, Saga, Step
from components.saga.json import to_document
from local_runtime.breakable_tasks import BreakableTasks
from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.declarations import Workflow
from local_runtime.errors import UnwritableError
from local_runtime.faults import Armed, Fault, FaultRefusedError, Faults
from local_runtime.sagas import SagaExecutor
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import eventually, functions
from tests.unit.local_runtime.saga_runs import Performer, failure, raising, run_to_end, running, status

TWICE = Retry(attempts=2, interval_seconds=1)
SAGA = Saga(
    name="order",
    nodes=(
        Step(
            name="reserve",
            task="reserve",
            timeout_seconds=1,
            retry=TWICE,
            compensation=Compensation(task="release", timeout_seconds=1, retry=TWICE),
        ),
        Step(name="pay", task="pay", timeout_seconds=1, retry=TWICE),
    ),
    on_rejected="reject",
    on_failed="record-failure",
)
TASKS = ("reserve", "pay", "release", "reject", "record-failure")


@pytest.fixture
def faults(store: Store) -> Faults:
    return Faults(store, TASKS)


@pytest.fixture
def performer() -> Performer:
    return Performer()


@pytest.fixture
def executor(store: Store, faults: Faults, performer: Performer) -> SagaExecutor:
    return executor_of(store, faults, performer)


def executor_of(store: Store, faults: Faults, performer: Performer) -> SagaExecutor:
    tasks = dict.fromkeys(SAGA.tasks(), "perform")
    workflow = Workflow(name="order", saga=to_document(SAGA), tasks=tasks, delay_scale=0.001)
    return SagaExecutor(workflow, store, BreakableTasks("order", functions({"perform": performer}), faults))


def call(run_id: str, task: str = "pay", attempt: int = 1) -> TaskCall:
    return TaskCall(task=task, run_id=run_id, key=f"{run_id}:{task}", attempt=attempt, data={})


def test_a_task_that_fails_is_not_performed_and_its_saga_undoes_the_rest(
    executor: SagaExecutor, faults: Faults, performer: Performer
) -> None:
    faults.arm("pay", Fault.FAIL, 1)
    assert run_to_end(executor) == "failed"
    assert performer.performed() == ["reserve", "release", "record-failure"]
    assert failure(executor).message == "BrokenTaskError: pay was broken on purpose: it was not performed"


def test_a_task_that_fails_is_counted_as_an_error_of_its_function(store: Store, faults: Faults) -> None:
    called = functions({"perform": Performer()})
    faults.arm("pay", Fault.FAIL, 1)
    BreakableTasks("order", called, faults).begin("perform", call("ord_1"))
    assert called.recent_errors("perform") == 1


def test_a_disk_that_is_full_while_a_fault_is_taken_is_a_failed_attempt_and_no_end_of_those_under_way(
    faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise UnwritableError("no room")

    broken = BreakableTasks("order", functions({"perform": Performer()}), faults)
    monkeypatch.setattr(faults, "meet", full)
    begun = broken.begin("perform", call("ord_1"))
    with pytest.raises(UnwritableError):
        begun.future.result(1)


def test_a_task_that_stalls_is_ended_by_the_timeout_of_each_attempt(
    executor: SagaExecutor, faults: Faults, performer: Performer
) -> None:
    faults.arm("pay", Fault.STALL, 1)
    began = time.monotonic()
    assert run_to_end(executor) == "failed"
    assert time.monotonic() - began > 2 * 0.99
    assert performer.performed() == ["reserve", "release", "record-failure"]
    assert failure(executor).message == "function perform did not return within 1 s"


def test_tasks_that_stall_hold_no_thread(faults: Faults) -> None:
    called = functions({"perform": Performer()})
    broken = BreakableTasks("order", called, faults)
    faults.arm("pay", Fault.STALL, 100)
    before = threading.active_count()
    stalled = [broken.begin("perform", call(f"ord_{number}"), timeout_seconds=1) for number in range(100)]
    assert threading.active_count() == before
    for each in stalled:
        assert "did not return within 1 s" in str(broken.give_up(each))
    assert called.hung() == 0


def test_a_lost_answer_makes_the_second_attempt_find_the_task_done(
    executor: SagaExecutor, faults: Faults, performer: Performer
) -> None:
    faults.arm("pay", Fault.LOSE_ANSWER, 1)
    assert run_to_end(executor) == "succeeded"
    assert [(each.task, each.attempt) for each in performer.calls] == [("reserve", 1), ("pay", 1), ("pay", 2)]


def test_a_refusal_whose_answer_is_lost_is_heard_the_second_time(store: Store, faults: Faults) -> None:
    performer = Performer({"pay": lambda _: TaskOutcome(code="declined", message="no money")})
    executor = executor_of(store, faults, performer)
    faults.arm("pay", Fault.LOSE_ANSWER, 1)
    assert run_to_end(executor) == "failed"
    assert performer.performed() == ["reserve", "pay", "pay", "release", "record-failure"]
    assert failure(executor).code == "declined"


def test_a_task_that_hangs_although_its_answer_would_be_lost_gives_its_place_up(faults: Faults) -> None:
    under_way, go_on = threading.Event(), threading.Event()

    def hang(_: TaskCall) -> TaskOutcome:
        under_way.set()
        go_on.wait(10)
        return TaskOutcome()

    called = functions({"perform": Performer({"pay": hang})})
    broken = BreakableTasks("order", called, faults)
    faults.arm("pay", Fault.LOSE_ANSWER, 1)
    invocation = broken.begin("perform", call("ord_1"))
    assert under_way.wait(10)
    broken.give_up(invocation)
    assert called.hung() == 1
    go_on.set()
    eventually(lambda: called.hung() == 0, "its thread ends")


def test_a_compensation_can_be_broken_and_is_told_of_when_it_stays_so(store: Store, faults: Faults) -> None:
    performer = Performer({"pay": raising})
    executor = executor_of(store, faults, performer)
    faults.arm("release", Fault.FAIL, 1)
    assert run_to_end(executor) == "failed"
    state = executor.state("ord_1")
    assert state is not None
    assert state.uncompensated == ("reserve",)
    assert "release" not in performer.performed()


def test_as_many_runs_meet_it_as_were_armed_and_the_others_are_as_they_were(
    executor: SagaExecutor, faults: Faults
) -> None:
    faults.arm("pay", Fault.FAIL, 2)
    ids = [f"ord_{number}" for number in range(5)]
    with running(executor):
        for each in ids:
            assert executor.start(each, {})
        eventually(lambda: all(status(executor, each) not in ("running", "unknown") for each in ids), "all have ended")
    assert [status(executor, each) for each in ids] == ["failed", "failed", "succeeded", "succeeded", "succeeded"]
    assert faults.armed() == []


def test_a_run_keeps_its_fault_at_every_attempt_and_takes_one_alone(faults: Faults) -> None:
    faults.arm("pay", Fault.FAIL, 2)
    assert [faults.meet("order", call("ord_1", attempt=n)) for n in (1, 1, 2, 3)] == [Fault.FAIL] * 4
    assert faults.armed() == [Armed(task="pay", fault=Fault.FAIL, orders_left=1)]


def test_runs_of_two_workflows_with_the_same_id_are_two(faults: Faults) -> None:
    faults.arm("pay", Fault.FAIL, 2)
    assert [faults.meet(workflow, call("ord_1")) for workflow in ("order", "return")] == [Fault.FAIL] * 2
    assert faults.armed() == []


def test_a_run_that_met_the_task_before_it_was_broken_takes_none(faults: Faults) -> None:
    faults.arm("pay", Fault.FAIL, 1)
    assert faults.meet("order", call("ord_1", attempt=2)) is None
    assert faults.meet("order", call("ord_2", attempt=1)) is Fault.FAIL


def test_another_task_of_the_run_is_performed(faults: Faults) -> None:
    faults.arm("pay", Fault.FAIL, 1)
    assert faults.meet("order", call("ord_1", task="reserve")) is None


@pytest.fixture
def begun(executor: SagaExecutor) -> str:
    """A run that is under way."""
    executor.start("ord_1", {})
    return "ord_1"


def test_what_is_armed_and_who_met_it_survive_a_restart(store: Store, faults: Faults, begun: str) -> None:
    faults.arm("pay", Fault.STALL, 3)
    faults.meet("order", call(begun))
    faults.disarm("pay")
    faults.arm("reserve", Fault.LOSE_ANSWER, 3)
    again = Faults(store, TASKS)
    assert again.armed() == [Armed(task="reserve", fault=Fault.LOSE_ANSWER, orders_left=3)]
    assert again.meet("order", call(begun, attempt=2)) is Fault.STALL


def test_a_fault_that_was_switched_off_meets_nobody_new(faults: Faults, begun: str) -> None:
    faults.arm("pay", Fault.FAIL, 5)
    faults.meet("order", call(begun))
    faults.disarm("pay")
    assert faults.meet("order", call(begun, attempt=2)) is Fault.FAIL
    assert faults.meet("order", call("ord_2")) is None
    assert faults.armed() == []


def test_arming_again_replaces_what_was_armed(faults: Faults) -> None:
    faults.arm("pay", Fault.FAIL, 5)
    faults.arm("pay", Fault.STALL, 2)
    assert faults.armed() == [Armed(task="pay", fault=Fault.STALL, orders_left=2)]


def test_who_met_a_fault_is_forgotten_once_their_run_has_ended(
    store: Store, executor: SagaExecutor, faults: Faults
) -> None:
    faults.arm("pay", Fault.FAIL, 1)
    run_to_end(executor)
    faults.arm("pay", Fault.FAIL, 1)
    assert store.read(lambda c: c.execute("SELECT count(*) FROM taken_faults").fetchone()) == (0,)


def test_nothing_is_asked_of_the_store_once_nothing_is_broken_for_anybody(
    store: Store, executor: SagaExecutor, faults: Faults
) -> None:
    faults.arm("pay", Fault.FAIL, 1)
    run_to_end(executor)
    faults.meet("order", call("ord_2"))
    store.close()
    assert faults.meet("order", call("ord_3")) is None


def test_an_unknown_task_is_refused_with_those_that_there_are(faults: Faults) -> None:
    expected = "there is no task 'pray' to break; there are reserve, pay, release, reject, record-failure"
    with pytest.raises(FaultRefusedError, match=f"^{expected}$"):
        faults.arm("pray", Fault.FAIL, 1)
    with pytest.raises(FaultRefusedError, match=f"^{expected}$"):
        faults.disarm("pray")


def test_a_system_without_workflows_says_that_it_has_no_tasks(store: Store) -> None:
    with pytest.raises(FaultRefusedError, match="this system has none"):
        Faults(store, ()).arm("pay", Fault.FAIL, 1)


@pytest.mark.parametrize("orders", [-1, 0, 1001])
def test_a_number_of_orders_that_is_out_of_bounds_is_refused(faults: Faults, orders: int) -> None:
    with pytest.raises(FaultRefusedError, match=f"^{orders} orders are not allowed; allowed are 1 to 1000"):
        faults.arm("pay", Fault.FAIL, orders)
    assert faults.armed() == []


def test_what_was_armed_for_a_task_that_is_gone_can_still_be_switched_off(store: Store, faults: Faults) -> None:
    faults.arm("pay", Fault.FAIL, 1)
    later = Faults(store, ("reserve",))
    later.disarm("pay")
    assert later.armed() == []


def test_disarming_what_is_not_armed_changes_nothing(faults: Faults) -> None:
    faults.disarm("pay")
    assert faults.armed() == []


def test_the_switch_is_in_the_file(database: Path, faults: Faults, store: Store) -> None:
    faults.arm("pay", Fault.FAIL, 7)
    store.close()
    reopened = Store(database)
    assert [each.orders_left for each in Faults(reopened, TASKS).armed()] == [7]
    reopened.close()
