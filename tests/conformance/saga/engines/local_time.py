"""Our own executor on a clock that its waits move on: how long it waits is seen, and nobody waits that long."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field

from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.declarations import Workflow
from local_runtime.functions import FunctionTimeoutError, Invocation
from local_runtime.saga_turns import CallId, Turns
from local_runtime.sagas import SagaExecutor
from local_runtime.store import Store
from tests.conformance.saga.case import CRASH, DATA, STALL, Case
from tests.conformance.saga.engines.local_disk import Disk
from tests.conformance.saga.engines.local_run import LIFE_SECONDS, MAX_CALLS, RUN_ID, fate_of, outcome


def waits(case: Case, workflow: Workflow, store: Store) -> list[float]:
    """Seconds between one attempt of a call and the next, in the order in which they passed.

    The executor's turns are taken one by one, and every task answers at once; a stalled one faults at once.
    """
    time = VirtualTime()
    tasks = _PromptTasks(case, time)
    SagaExecutor(workflow, store, tasks, time.clock).start(RUN_ID, DATA)
    turns, disk = Turns(workflow, store, tasks, time.clock, time), Disk(store, workflow.name, RUN_ID)
    while disk.state().status == "running":
        turns.take()
    return list(tasks.waits())


class VirtualTime(queue.SimpleQueue[CallId | None]):
    """The executor's inbox: where it would wait for something to come in, the time that it would wait is over."""

    now_ms = 1_700_000_000_000

    def clock(self) -> int:
        return self.now_ms

    def get(self, block: bool = True, timeout: float | None = None) -> CallId | None:
        try:
            return super().get(block=False)
        except queue.Empty:
            self.now_ms += round(1000 * (timeout or 0))
            raise


@dataclass
class _PromptTasks:
    case: Case
    time: VirtualTime
    begun: list[tuple[str, int]] = field(default_factory=list)

    def begin(self, name: str, event: object, *, timeout_seconds: float | None = None) -> Invocation:
        assert isinstance(event, TaskCall)
        assert len(self.begun) < MAX_CALLS, f"the run has made {MAX_CALLS} calls"
        self.begun.append((event.key, self.time.clock()))
        return Invocation(name, _answered(self.case, event), timeout_seconds or LIFE_SECONDS)

    def give_up(self, invocation: Invocation) -> FunctionTimeoutError:
        raise AssertionError(f"{invocation.function} has answered, and was given up")

    def waits(self) -> Iterator[float]:
        last: dict[str, int] = {}
        for key, now_ms in self.begun:
            if key in last:
                yield (now_ms - last[key]) / 1000
            last[key] = now_ms


def _answered(case: Case, call: TaskCall) -> Future[TaskOutcome]:
    future: Future[TaskOutcome] = Future()
    fate = fate_of(case, call)
    try:
        future.set_result(outcome(CRASH if fate == STALL else fate))
    except ConnectionError as error:
        future.set_exception(error)
    return future
