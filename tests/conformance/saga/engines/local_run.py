"""One case on our own executor: its starts, its tasks, the deaths of its process, and what is on disk in the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from threading import Event
from types import ModuleType

from components.saga import decider
from components.saga.decider import FAULT, Failure, Kind, Outcome
from components.saga.definition import Saga
from components.saga.json import to_document
from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.declarations import Workflow
from local_runtime.errors import StoreError
from local_runtime.functions import FunctionTimeoutError, Invocation
from local_runtime.saga_journal import STUCK, RunState
from local_runtime.sagas import SagaExecutor
from local_runtime.store import Store
from tests.conformance.saga import world as worlds
from tests.conformance.saga.case import DATA, Case, Fate, FateKind
from tests.conformance.saga.engines.local_disk import Disk, Row
from tests.conformance.saga.trace import Attempt, End, Trace
from tests.conformance.saga.world import World, phase_and_step
from tests.unit.local_runtime.fakes import MortalStore

RUN_ID = "run-1"
STALL_SECONDS = 0.01
LIFE_SECONDS = 20.0
MAX_CALLS = 500
"""More than any case makes; an executor that makes more would never stop."""
ENDS = {FateKind.SUCCEED: Kind.SUCCEEDED, FateKind.MEET: Kind.SUCCEEDED, FateKind.REFUSE: Kind.REFUSED}


class Death(Enum):
    """When the process dies in a call, by the call's number modulo three; each leaves the call on disk as begun."""

    UNDONE = 0
    UNANSWERED = 1
    UNHEARD = 2


class Killed(BaseException):
    """The process is dead: nothing of it runs any more."""


def workflow(name: str, saga: Saga, *others: Saga, delay_scale: float = 1.0) -> Workflow:
    """The tasks of `others` are performed, too."""
    tasks = sorted({task for each in (saga, *others) for task in each.tasks()})
    return Workflow(name=name, saga=to_document(saga), tasks=dict.fromkeys(tasks, "perform"), delay_scale=delay_scale)


def fate_of(case: Case, call: TaskCall) -> Fate:
    return case.fate(*phase_and_step(call.key), call.attempt)


def outcome(fate: Fate) -> TaskOutcome:
    """What a task returns or raises, sooner or later."""
    if fate.kind in (FateKind.FAIL, FateKind.CRASH):
        raise ConnectionError(fate.kind)
    return TaskOutcome(code=fate.word) if fate.kind is FateKind.REFUSE else TaskOutcome(result=fate.word)


@dataclass
class LocalRun:
    """Performs the tasks as well; each call is compared with what is on disk at the moment in which it is made."""

    case: Case
    workflow: str
    store: Store
    threads: ThreadPoolExecutor
    deciding: ModuleType
    violations: list[str] = field(default_factory=list)
    began: list[bool] = field(default_factory=list)
    calls: int = 0
    made: set[tuple[str, int]] = field(default_factory=set)
    """Key and attempt of the calls that the living process has made."""

    def __post_init__(self) -> None:
        self.world = World(self.case, RUN_ID)
        self.disk = Disk(self.store, self.workflow, RUN_ID)
        self.process = MortalStore(self.store)

    def to_its_end(self) -> Trace:
        """One life of the process after another, until one of them sees the run end."""
        self._live(self.case.saga, self.case.starts)
        while self.disk.state().status == "running":
            self.process = MortalStore(self.store)
            self._live(self.case.deployed_meanwhile or self.case.saga, self.case.starts - 1)
        if self.began.count(True) != 1:
            self.violations.append(f"of the starts {self.began.count(True)} began a run")
        trace = self.world.trace(self._end())
        return replace(trace, violations=(*trace.violations, *self.violations, *self._wrong_in_journal()))

    def _live(self, deployed: Saga, starts: int) -> None:
        """Returns when the run has ended or the process has died; raises what the executor failed with otherwise."""
        self.made.clear()
        declared = workflow(self.workflow, deployed, self.case.saga, delay_scale=0)
        executor = SagaExecutor(declared, self.process, self)
        with self._living(executor) as life:
            self._start(executor, starts)
            deadline = time.monotonic() + LIFE_SECONDS
            while not life.done() and self.disk.state().status == "running":
                assert time.monotonic() < deadline, f"the run was not over within {LIFE_SECONDS:g} s"
                time.sleep(0.001)
            if self.case.starts > 1:
                self._start(executor, 1)

    @contextmanager
    def _living(self, executor: SagaExecutor) -> Iterator[Future[None]]:
        stop = Event()
        life = self.threads.submit(executor.run, stop)
        try:
            yield life
        finally:
            stop.set()
            executor.wake()
            error = life.exception(LIFE_SECONDS)
        if error and not (self.process.is_dead and isinstance(error, Killed | StoreError)):
            raise error

    def _start(self, executor: SagaExecutor, times: int) -> None:
        """All at once; one that a dead process was asked for is not counted."""
        for start in [self.threads.submit(executor.start, RUN_ID, DATA) for _ in range(times)]:
            if not isinstance(start.exception(), StoreError):
                self.began.append(start.result())

    def begin(self, name: str, event: object, *, timeout_seconds: float | None = None) -> Invocation:
        assert isinstance(event, TaskCall)
        self.calls += 1
        assert self.calls <= MAX_CALLS, f"the run has made {MAX_CALLS} calls"
        self._compare(event, timeout_seconds)
        self._die_in(event)
        fate = fate_of(self.case, event)
        if fate.kind is FateKind.STALL:
            self._perform(event)
            return Invocation(name, Future(), STALL_SECONDS)
        return Invocation(name, self.threads.submit(lambda: outcome(self._perform(event))), LIFE_SECONDS)

    def give_up(self, invocation: Invocation) -> FunctionTimeoutError:
        """Only now the late answer comes, when nobody may listen to it any more."""
        invocation.future.set_result(TaskOutcome(result="late"))
        return FunctionTimeoutError(invocation.function, invocation.timeout_seconds)

    def _die_in(self, call: TaskCall) -> None:
        if self.calls not in self.case.kills:
            return
        self.process.is_dead = True
        # As the decision itself is what may be broken, the real one says what the next process will find begun.
        self.world.cut_off |= {(key, attempt) for key, _, attempt in self.disk.due(decider)}
        death = Death(self.calls % len(Death))
        if death is Death.UNANSWERED:
            self._perform(call)
        if death is not Death.UNHEARD:
            raise Killed

    def _perform(self, call: TaskCall) -> Fate:
        return self.world.perform(
            worlds.TaskCall(
                task=call.task,
                run_id=call.run_id,
                key=call.key,
                attempt=call.attempt,
                data=call.data,
                failure=asdict(call.failure) if call.failure else None,
                uncompensated=tuple(sorted(call.uncompensated)),
            )
        )

    def _compare(self, call: TaskCall, timeout_seconds: float | None) -> None:
        """A process that begins now has to make the same call: it was written down, and so was all before it."""
        due = self.disk.due(self.deciding)
        if (call.key, call.task, call.attempt) not in due:
            self.violations.append(f"{call.key} #{call.attempt} was called, though on disk {due or 'nothing'} is due")
        if (call.key, call.attempt) in self.made:
            self.violations.append(f"{call.key} #{call.attempt} was made twice by one process")
        self.made.add((call.key, call.attempt))
        if timeout_seconds != worlds.timeout_seconds(self.case.saga, call.key):
            self.violations.append(f"{call.key} was given {timeout_seconds} s")

    def _end(self) -> End:
        state = self.disk.state()
        if state.status == STUCK:
            return self._unrecorded_end(state)
        failure = state.failure or Failure(step="", code="", message="")
        return End(
            outcome=Outcome(state.status),
            failed_step=failure.step,
            code=failure.code,
            uncompensated=tuple(sorted(state.uncompensated)),
            is_alarmed=self.disk.is_alarmed(),
        )

    def _unrecorded_end(self, state: RunState) -> End:
        """The state has the error of the record; what should have been recorded is what its task was told."""
        assert self.world.told, f"the run is stuck before its end: {state.failure}"
        told = self.world.told[-1]
        return End(
            outcome=Outcome.REJECTED if told.task == self.case.saga.on_rejected else Outcome.FAILED,
            failed_step=told.failed_step,
            code=told.code,
            uncompensated=tuple(sorted(state.uncompensated)),
            is_recorded=False,
            is_alarmed=self.disk.is_alarmed(),
        )

    def _wrong_in_journal(self) -> list[str]:
        """Every attempt that was seen began and ended there once, as its fate was, and nothing else did."""
        wanted = Counter(row for attempt in self.world.attempts for row in self._rows(attempt))
        found = Counter(self.disk.journal())
        return [f"the journal has {row} too often" for row in found - wanted] + [
            f"the journal lacks {row}" for row in wanted - found
        ]

    def _rows(self, attempt: Attempt) -> Iterator[Row]:
        call = attempt.phase, attempt.step, attempt.number
        fate = self.case.fate(*call)
        kind = ENDS.get(fate.kind, Kind.FAULTED)
        yield *call, Kind.STARTED, ""
        yield *call, kind, FAULT if kind is Kind.FAULTED else fate.word
