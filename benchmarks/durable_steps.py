"""Weighs a library against our own executor: eight-step workflows a second, each step durable, all in one run.

`python -m benchmarks.durable_steps [--dbos-python PYTHON]`. Without an interpreter that has DBOS one is made in a
temporary folder from the package index that pip is set up with. The figures are in docs/decisions/0002.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks import on_dbos
from benchmarks.on_dbos import Plan, Rates
from components.saga.definition import Saga, Step
from components.saga.json import to_document
from local_runtime import store as stores
from local_runtime.client import Context, Entry, TaskCall, TaskOutcome
from local_runtime.declarations import Function, Grant, Workflow
from local_runtime.functions import Functions
from local_runtime.home import Home
from local_runtime.permissions import GrantedClient
from local_runtime.sagas import SagaExecutor
from local_runtime.store import Store

STEPS = 8
SIDE_BY_SIDE, ONE_BY_ONE = 60, 20
COMMITS = 2000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durable_steps", description=__doc__)
    parser.add_argument("--dbos-python", type=Path, help="an interpreter that has DBOS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ", end="")
        print(f"SQLite {sqlite3.sqlite_version}; {STEPS} steps a workflow")
        full, normal = (commits_a_second(scratch, mode) for mode in ("FULL", "NORMAL"))
        print(f"bare SQLite, synchronous=FULL     {full:8.0f} commits/s")
        print(f"bare SQLite, synchronous=NORMAL   {normal:8.0f} commits/s   {normal / full:.1f} x FULL")
        own = own_rates(scratch)
        report("this executor, FULL", own, own)
        library = dbos_rates(scratch, options.dbos_python)
        if library:
            report(f"{on_dbos.REQUIREMENT} on SQLite", library, own)


def report(name: str, rates: Rates, own: Rates) -> None:
    print(f"{name:<32}  {rates.side_by_side:8.1f} workflows/s side by side, {rates.one_by_one:6.1f} one by one", end="")
    print(f"   (1/{own.side_by_side / rates.side_by_side:.1f}, 1/{own.one_by_one / rates.one_by_one:.1f} of ours)")


def commits_a_second(scratch: Path, synchronous: str, commits: int = COMMITS) -> float:
    with closing(sqlite3.connect(scratch / f"{synchronous}.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("CREATE TABLE IF NOT EXISTS step (body TEXT)")
        began = time.perf_counter()
        for _ in range(commits):
            connection.execute("INSERT INTO step VALUES ('a result of some forty characters or so')")
        return commits / (time.perf_counter() - began)


def own_rates(
    scratch: Path, writes: Sequence[int] = (0,) * STEPS, side_by_side: int = SIDE_BY_SIDE, one_by_one: int = ONE_BY_ONE
) -> Rates:
    """In a new folder within `scratch`; each step makes as many durable writes of its own as `writes` has for it."""
    with _executor(Path(tempfile.mkdtemp(dir=scratch)), writes) as executor:
        return Rates(
            side_by_side=_rate(side_by_side, lambda names: _all_at_once(executor, names), "together"),
            one_by_one=_rate(one_by_one, lambda names: _in_turn(executor, names), "alone"),
        )


def dbos_rates(scratch: Path, given: Path | None) -> Rates | None:
    """None, and a line that says so, where DBOS cannot be had."""
    python = on_dbos.interpreter(given, scratch)
    if python is None:
        print(f"{on_dbos.REQUIREMENT} is not available: give an interpreter that has it with --dbos-python")
        return None
    return on_dbos.measured(
        python,
        Plan(side_by_side=SIDE_BY_SIDE, one_by_one=ONE_BY_ONE, writes=[0] * STEPS, journal_mode=on_dbos.AS_IT_COMES),
        scratch,
    )


def step(_: TaskCall, context: Context) -> TaskOutcome:
    for _number in range(int(context.environment["WRITES"])):
        context.client.write("steps", _write)
    return TaskOutcome()


def _write(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO change_feed (body) VALUES (?)", (b"x" * 400,))


@contextmanager
def _executor(folder: Path, writes: Sequence[int]) -> Iterator[SagaExecutor]:
    home = Home(folder)
    stores.create(home.database, ())
    steps = tuple(Step(name=f"step-{n}", task=f"writes-{count}", timeout_seconds=30) for n, count in enumerate(writes))
    saga = Saga(name="steps", nodes=steps, on_rejected=steps[0].task, on_failed=steps[0].task)
    workflow = Workflow(name="steps", saga=to_document(saga), tasks={task: task for task in saga.tasks()})
    stop, store = threading.Event(), Store(home.database)
    functions = Functions(
        {f"writes-{count}": _function(count) for count in writes},
        lambda function: GrantedClient(function, store=store, publisher=Nobody(), workflows={}, home=home),
        background=32,
        api=1,
    )
    executor = SagaExecutor(workflow, store, functions)
    thread = threading.Thread(target=executor.run, args=(stop,))
    thread.start()
    yield executor
    stop.set()
    executor.wake()
    thread.join()
    store.close()


def _function(writes: int) -> Function:
    return Function(
        name=f"writes-{writes}",
        handler="benchmarks.durable_steps:step",
        environment={"WRITES": str(writes)},
        grants=[Grant(verb="write", resource="database/steps")],
    )


class Nobody:
    """Hears of nothing."""

    def publish(self, destination: str, entries: Sequence[Entry]) -> None: ...


def _rate(count: int, run: Callable[[list[str]], None], name: str) -> float:
    began = time.perf_counter()
    run([f"{name}-{number}" for number in range(count)])
    return count / (time.perf_counter() - began)


def _all_at_once(executor: SagaExecutor, names: list[str]) -> None:
    for name in names:
        executor.start(name, {})
    for name in names:
        _await_end(executor, name)


def _in_turn(executor: SagaExecutor, names: list[str]) -> None:
    for name in names:
        executor.start(name, {})
        _await_end(executor, name)


def _await_end(executor: SagaExecutor, name: str) -> None:
    while (state := executor.state(name)) and state.status == "running":
        time.sleep(0.001)
    if not state or state.status != "succeeded":
        sys.exit(f"workflow {name} ended as {state}")


if __name__ == "__main__":
    main()
