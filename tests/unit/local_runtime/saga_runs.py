"""Runs of sagas with real tasks, a real store and real threads, for the tests of what comes of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from components.saga.decider import Failure
from components.saga.definition import Saga
from components.saga.json import to_document
from components.saga.order import ORDER_SAGA
from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.declarations import Workflow
from local_runtime.sagas import SagaExecutor
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import eventually, functions

Task = Callable[[TaskCall], TaskOutcome]
DONE = TaskOutcome()
DECLINED = TaskOutcome(code="payment-declined", message="no money")


class Performer:
    """Performs every task; what a test names behaves as the test says, the rest succeeds."""

    def __init__(self, tasks: Mapping[str, Task] | None = None) -> None:
        self.tasks = dict(tasks or {})
        self.calls: list[TaskCall] = []

    def __call__(self, call: TaskCall, _: object) -> TaskOutcome:
        self.calls.append(call)
        task = self.tasks.get(call.task)
        return task(call) if task else DONE

    def performed(self, run_id: str = "ord_1") -> list[str]:
        return [call.task for call in self.calls if call.run_id == run_id]


def workflow(saga: Saga, name: str = "order") -> Workflow:
    return Workflow(name=name, saga=to_document(saga), tasks=dict.fromkeys(saga.tasks(), "perform"), delay_scale=0.001)


def executor(store: Store, performer: Performer, saga: Saga = ORDER_SAGA) -> SagaExecutor:
    return SagaExecutor(workflow(saga), store, functions({"perform": performer}))


@contextmanager
def running(saga_executor: SagaExecutor) -> Iterator[SagaExecutor]:
    stop = threading.Event()
    thread = threading.Thread(target=saga_executor.run, args=(stop,))
    thread.start()
    try:
        yield saga_executor
    finally:
        stop.set()
        saga_executor.wake()
        thread.join(10)
        assert not thread.is_alive()


def status(saga_executor: SagaExecutor, run_id: str = "ord_1") -> str:
    state = saga_executor.state(run_id)
    return state.status if state else "unknown"


def run_to_end(saga_executor: SagaExecutor, run_id: str = "ord_1") -> str:
    with running(saga_executor):
        assert saga_executor.start(run_id, {"order_id": run_id})
        eventually(lambda: status(saga_executor, run_id) not in ("running", "unknown"), "the run ends")
    return status(saga_executor, run_id)


def raising(_: TaskCall) -> TaskOutcome:
    raise ConnectionError("down")


def failure(saga_executor: SagaExecutor, run_id: str = "ord_1") -> Failure:
    state = saga_executor.state(run_id)
    assert state is not None
    assert state.failure is not None
    return state.failure
