"""A switch for each task of a saga: for the next orders that need it, it fails, stalls or loses its answer.

It is durable, and so is who met it: a run keeps its fault across retries and restarts, and every other run is as it
was. A switched-off fault meets nobody new. What a saga makes of a fault is decided where it decides on any other one.

A first attempt that the end of the process cut off is asked for again as the first: it may take what was armed
meanwhile, and its answer is lost again.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from local_runtime.client import TaskCall
from local_runtime.errors import RunTimeError
from local_runtime.store import Store

ORDERS = (1, 1000)


class Fault(StrEnum):
    FAIL = "fail"
    """The task is not performed: every attempt ends with an error."""
    STALL = "stall"
    """The task is not performed, and nothing answers until the attempt's timeout ends it."""
    LOSE_ANSWER = "lose-answer"
    """The task is performed, but the answer of the first attempt is lost: the second one has to find it done."""


@dataclass(frozen=True, kw_only=True)
class Armed:
    task: str
    fault: Fault
    orders_left: int


class FaultRefusedError(RunTimeError):
    """Nothing was armed or disarmed."""


class Faults:
    """Of all workflows; may be used from any thread of the run time, and by no other process while that is up."""

    def __init__(self, store: Store, tasks: Sequence[str]) -> None:
        self._store = store
        self._tasks = tuple(tasks)
        self._lock = threading.Lock()
        self._broken: frozenset[str] = frozenset()
        self._look()

    def tasks(self) -> Sequence[str]:
        """Every task that can be broken, compensations included, in the order of the sagas."""
        return self._tasks

    def armed(self) -> Sequence[Armed]:
        """What waits for orders, by the name of the task."""
        rows = self._store.read(
            lambda connection: connection.execute(
                "SELECT task, fault, orders_left FROM armed_faults ORDER BY task"
            ).fetchall()
        )
        return [Armed(task=task, fault=Fault(fault), orders_left=left) for task, fault, left in rows]

    def arm(self, task: str, fault: Fault, orders: int) -> None:
        """Break the task for the next `orders` (1 to 1000) runs that meet it, instead of whatever was armed for it.

        Raises FaultRefusedError.
        """
        self._require_task(task)
        if not ORDERS[0] <= orders <= ORDERS[1]:
            raise FaultRefusedError(
                f"{orders} orders are not allowed; allowed are {ORDERS[0]} to {ORDERS[1]}; for more, arm it again"
            )

        def change(connection: sqlite3.Connection) -> None:
            _forget_ended(connection)
            connection.execute("INSERT OR REPLACE INTO armed_faults VALUES (?, ?, ?)", (task, Fault(fault), orders))

        self._store.write(change)
        self._look()

    def disarm(self, task: str) -> None:
        """No further run meets it; those that have keep it. Harmless for a task that is not armed.

        Raises FaultRefusedError for one that is not known either.
        """
        if not self._store.write(lambda c: c.execute("DELETE FROM armed_faults WHERE task = ?", (task,)).rowcount):
            self._require_task(task)
        self._look()

    def meet(self, workflow: str, call: TaskCall) -> Fault | None:
        """What is wrong with the task for this run; its first attempt takes one of those armed, durably."""
        if call.task not in self._broken:
            return None
        found = self._store.write(
            lambda connection: _met(connection, workflow, call) or _take(connection, workflow, call)
        )
        self._look()
        return found

    def _look(self) -> None:
        """Remember which tasks are broken for anybody at all: asking the store for each call would cost every order."""
        with self._lock:
            self._broken = self._store.read(_broken)

    def _require_task(self, task: str) -> None:
        if task not in self._tasks:
            known = f"there are {', '.join(self._tasks)}" if self._tasks else "this system has none"
            raise FaultRefusedError(f"there is no task {task!r} to break; {known}")


def _met(connection: sqlite3.Connection, workflow: str, call: TaskCall) -> Fault | None:
    row = connection.execute(
        "SELECT fault FROM taken_faults WHERE workflow = ? AND run_id = ? AND task = ?",
        (workflow, call.run_id, call.task),
    ).fetchone()
    return Fault(row[0]) if row else None


def _take(connection: sqlite3.Connection, workflow: str, call: TaskCall) -> Fault | None:
    """A later attempt takes none: its run met the task before it was broken."""
    row = connection.execute("SELECT fault, orders_left FROM armed_faults WHERE task = ?", (call.task,)).fetchone()
    if row is None or call.attempt > 1:
        return None
    fault, left = row
    if left > 1:
        connection.execute("UPDATE armed_faults SET orders_left = ? WHERE task = ?", (left - 1, call.task))
    else:
        connection.execute("DELETE FROM armed_faults WHERE task = ?", (call.task,))
    connection.execute("INSERT INTO taken_faults VALUES (?, ?, ?, ?)", (workflow, call.run_id, call.task, fault))
    return Fault(fault)


_OPEN = "SELECT 1 FROM saga_runs AS r WHERE r.workflow = t.workflow AND r.run_id = t.run_id AND r.status = 'running'"


def _broken(connection: sqlite3.Connection) -> frozenset[str]:
    rows = connection.execute(
        f"SELECT task FROM armed_faults UNION SELECT task FROM taken_faults AS t WHERE EXISTS ({_OPEN})"  # noqa: S608 -- a constant
    )
    return frozenset(task for (task,) in rows)


def _forget_ended(connection: sqlite3.Connection) -> None:
    connection.execute(f"DELETE FROM taken_faults AS t WHERE NOT EXISTS ({_OPEN})")  # noqa: S608 -- a constant
