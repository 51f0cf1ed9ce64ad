"""The turns in which one thread moves all runs of a workflow on: take what ended, decide, write it all, make the calls.

A result and the start of the next step are one write, and runs share commits. Starting up is no special case: a turn
loads unfinished runs, and `decide` asks again for whatever was interrupted.
"""

from __future__ import annotations

import heapq
import logging
import queue
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from components.saga.decider import Call, Ended, Entry, Kind, Phase, decide
from components.saga.definition import Saga, SagaError
from local_runtime import saga_calls, saga_journal
from local_runtime.client import TaskCall
from local_runtime.clock import Clock
from local_runtime.declarations import Workflow
from local_runtime.functions import FunctionTimeoutError, Invocation
from local_runtime.saga_journal import Run, UnreadableRun
from local_runtime.store import Store

MAX_RUNS = 1000
"""Runs in memory at a time; the others wait on disk."""
MAX_CALLS = 32
"""Tasks under way at a time."""
STOP_SECONDS = 5.0
"""How long a stopping run time waits for tasks that are under way; what is cut off is done again at the next start."""
logger = logging.getLogger(__name__)
CallId: TypeAlias = tuple[int, Phase, str, int]
Inbox: TypeAlias = "queue.SimpleQueue[CallId | None]"
"""Calls that have ended; None: look for new runs."""


class Tasks(Protocol):
    """The part of Functions that a saga needs."""

    def begin(self, name: str, event: TaskCall, *, timeout_seconds: float | None = None) -> Invocation: ...

    def give_up(self, invocation: Invocation) -> FunctionTimeoutError: ...


@dataclass(kw_only=True)
class _Active:
    """A run in memory; `open` holds its calls that are waiting for their moment, for a place or for their end."""

    run: Run
    open: set[CallId] = field(default_factory=set)
    unwritten: list[Entry] = field(default_factory=list)

    def note(self, entry: Entry) -> None:
        self.run.journal.append(entry)
        self.unwritten.append(entry)


@dataclass(frozen=True, kw_only=True)
class _UnderWay:
    call: Call
    invocation: Invocation
    deadline: float


class Turns:
    """State of one thread; dropped as a whole when a turn fails, since everything in it is on disk too."""

    def __init__(
        self,
        workflow: Workflow,
        store: Store,
        tasks: Tasks,
        clock: Clock,
        inbox: Inbox,
    ) -> None:
        self._workflow = workflow
        self._store = store
        self._tasks = tasks
        self._clock = clock
        self._inbox = inbox
        self._runs: dict[int, _Active] = {}
        self._last_loaded = 0
        self._changed: dict[int, _Active] = {}
        self._waiting: list[tuple[int, CallId, Call]] = []
        self._ready: deque[tuple[CallId, Call]] = deque()
        self._under_way: dict[CallId, _UnderWay] = {}
        self._deadlines: list[tuple[float, CallId]] = []
        self._writes: list[Callable[[sqlite3.Connection], None]] = []
        self._has_more = True

    def take(self) -> None:
        """One turn: load, decide, write, call; then wait for the next thing to happen."""
        self._load()
        self._advance()
        # When every run that was loaded ended at once, nothing that is under way would end the wait for the others.
        self._wait(0.0 if self._room() else self._seconds_until_next())

    def finish(self) -> None:
        """Write down what ends in time; nothing new is begun."""
        last = time.monotonic() + STOP_SECONDS
        while self._under_way and time.monotonic() < last:
            self._wait(min(self._seconds_until_next(), 0.1))
        self._note_unwritten()
        self._write()

    def _load(self) -> None:
        room = self._room()
        if not room:
            return
        loaded = self._store.read(
            lambda connection: saga_journal.load_unfinished(connection, self._workflow.name, self._last_loaded, room)
        )
        for run in loaded:
            self._last_loaded = run.sequence
            if isinstance(run, UnreadableRun):
                self._give_up(run, run.why)
            else:
                self._runs[run.sequence] = self._changed[run.sequence] = _Active(run=run)
        self._has_more = len(loaded) == room

    def _room(self) -> int:
        """How many of the runs that wait on disk can be loaded; none is known to wait, or none can be: 0."""
        return MAX_RUNS - len(self._runs) if self._has_more else 0

    def _advance(self) -> None:
        for active in self._changed.values():
            self._decide(active)
        self._promote_due()
        launches = self._choose()
        self._note_unwritten()
        self._write()
        for call_id, call in launches:
            self._launch(call_id, call)

    def _decide(self, active: _Active) -> None:
        try:
            decision = decide(active.run.saga, active.run.journal, delay_scale=self._workflow.delay_scale)
            self._require_performers(active.run.saga)
        except SagaError as error:
            self._note(active)
            self._give_up(active.run, str(error))
            del self._runs[active.run.sequence]
            return
        if isinstance(decision, Ended):
            self._end(active, decision)
            return
        for call in decision.calls:
            call_id = (active.run.sequence, call.phase, call.step, call.attempt)
            if call_id not in active.open:
                active.open.add(call_id)
                heapq.heappush(self._waiting, (call.not_before_ms, call_id, call))

    def _require_performers(self, saga: Saga) -> None:
        missing = sorted(saga.tasks() - self._workflow.tasks.keys())
        if missing:
            raise SagaError(f"no function performs task {missing[0]} of workflow {self._workflow.name} any more")

    def _end(self, active: _Active, ended: Ended) -> None:
        run, now = active.run, self._clock()
        self._note(active)
        self._writes.append(lambda connection: saga_journal.end(connection, run, ended, now))
        del self._runs[run.sequence]
        logger.log(
            logging.ERROR if ended.end_error or ended.uncompensated else logging.INFO,
            "saga run ended",
            extra={"run_id": run.run_id, "outcome": ended.outcome, "uncompensated": ended.uncompensated},
        )

    def _give_up(self, run: Run | UnreadableRun, why: str) -> None:
        now = self._clock()
        self._writes.append(lambda connection: saga_journal.give_up(connection, run, why, now))
        logger.error("saga run is stuck", extra={"run_id": run.run_id, "reason": why})

    def _promote_due(self) -> None:
        now = self._clock()
        while self._waiting and self._waiting[0][0] <= now:
            _, call_id, call = heapq.heappop(self._waiting)
            self._ready.append((call_id, call))

    def _choose(self) -> list[tuple[CallId, Call]]:
        """The calls that there are places for; their start is noted, unless an earlier process did that."""
        chosen: list[tuple[CallId, Call]] = []
        while self._ready and len(self._under_way) + len(chosen) < MAX_CALLS:
            call_id, call = self._ready.popleft()
            active = self._runs.get(call_id[0])
            if active is None:
                continue
            if not call.is_started:
                active.note(saga_calls.entry(call, Kind.STARTED, self._clock()))
                self._changed[call_id[0]] = active
            chosen.append((call_id, call))
        return chosen

    def _note_unwritten(self) -> None:
        for active in self._changed.values():
            self._note(active)
        self._changed = {}

    def _note(self, active: _Active) -> None:
        if entries := active.unwritten:
            run, first = active.run, len(active.run.journal) - len(entries)
            self._writes.append(lambda connection: saga_journal.append(connection, run, first, entries))
            active.unwritten = []

    def _write(self) -> None:
        writes, self._writes = self._writes, []

        def change(connection: sqlite3.Connection) -> None:
            for write in writes:
                write(connection)

        if writes:
            self._store.write(change)

    def _launch(self, call_id: CallId, call: Call) -> None:
        run = self._runs[call_id[0]].run
        invocation = self._tasks.begin(
            self._workflow.tasks[call.task], saga_calls.task_call(run, call), timeout_seconds=call.timeout_seconds
        )
        deadline = time.monotonic() + invocation.timeout_seconds
        self._under_way[call_id] = _UnderWay(call=call, invocation=invocation, deadline=deadline)
        heapq.heappush(self._deadlines, (deadline, call_id))
        invocation.future.add_done_callback(lambda _: self._inbox.put(call_id))

    def _seconds_until_next(self) -> float:
        while self._deadlines and self._deadlines[0][1] not in self._under_way:
            heapq.heappop(self._deadlines)
        moments = [self._deadlines[0][0] - time.monotonic()] if self._deadlines else []
        moments += [(self._waiting[0][0] - self._clock()) / 1000] if self._waiting else []
        return max(0.0, min(moments, default=3600.0))

    def _wait(self, seconds: float) -> None:
        """Take in everything that has ended by the time that the first thing has."""
        with suppress(queue.Empty):
            self._take_in(self._inbox.get(timeout=seconds))
            for _ in range(self._inbox.qsize()):
                self._take_in(self._inbox.get_nowait())
        self._time_out()

    def _take_in(self, call_id: CallId | None) -> None:
        if call_id is None:
            self._has_more = True
            return
        ended = self._under_way.pop(call_id, None)
        if ended is None:
            return
        self._result(call_id, saga_calls.answer(ended.call, ended.invocation.future, self._clock()))

    def _time_out(self) -> None:
        now = time.monotonic()
        while self._deadlines and self._deadlines[0][0] <= now:
            _, call_id = heapq.heappop(self._deadlines)
            late = self._under_way.pop(call_id, None)
            if late:
                error = self._tasks.give_up(late.invocation)
                self._result(call_id, saga_calls.fault(late.call, str(error), self._clock()))

    def _result(self, call_id: CallId, entry: Entry) -> None:
        active = self._runs.get(call_id[0])
        if active:
            active.open.discard(call_id)
            active.note(entry)
            self._changed[call_id[0]] = active
