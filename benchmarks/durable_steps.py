"""Weighs a library against our own executor: eight-step workflows a second, each step durable, all in one run.

`python -m benchmarks.durable_steps [--dbos-python PYTHON]`. Without an interpreter that has DBOS one is made in a
temporary folder from the package index that pip is set up with. The figures are in docs/decisions/0002.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from components.saga.definition import Saga, Step
from components.saga.json import to_document
from local_runtime import store as stores
from local_runtime.client import Client, Context, TaskCall, TaskOutcome
from local_runtime.declarations import Function, Workflow
from local_runtime.functions import Functions
from local_runtime.sagas import SagaExecutor
from local_runtime.store import Store

STEPS = 8
SIDE_BY_SIDE, ONE_BY_ONE = 60, 20
DBOS_REQUIREMENT = "dbos==3.4.0"
COMMITS = 2000


@dataclass(frozen=True)
class Rates:
    """Workflows a second: all started at once, and each after the one before."""

    side_by_side: float
    one_by_one: float


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
            report(f"{DBOS_REQUIREMENT} on SQLite", library, own)


def report(name: str, rates: Rates, own: Rates) -> None:
    print(f"{name:<32}  {rates.side_by_side:8.1f} workflows/s side by side, {rates.one_by_one:6.1f} one by one", end="")
    print(f"   (1/{own.side_by_side / rates.side_by_side:.1f}, 1/{own.one_by_one / rates.one_by_one:.1f} of ours)")


def commits_a_second(scratch: Path, synchronous: str) -> float:
    with closing(sqlite3.connect(scratch / f"{synchronous}.sqlite", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("CREATE TABLE step (body TEXT)")
        began = time.perf_counter()
        for _ in range(COMMITS):
            connection.execute("INSERT INTO step VALUES ('a result of some forty characters or so')")
        return COMMITS / (time.perf_counter() - began)


def own_rates(scratch: Path) -> Rates:
    with _executor(scratch) as executor:
        return Rates(
            side_by_side=_rate(SIDE_BY_SIDE, lambda names: _all_at_once(executor, names), "together"),
            one_by_one=_rate(ONE_BY_ONE, lambda names: _in_turn(executor, names), "alone"),
        )


def dbos_rates(scratch: Path, python: Path | None) -> Rates | None:
    """None, and a line that says so, where DBOS cannot be had."""
    python = python or _environment_with_dbos(scratch)
    if python is None:
        print(f"{DBOS_REQUIREMENT} is not available: give an interpreter that has it with --dbos-python")
        return None
    script = Path(__file__).with_name("dbos_steps.py")
    command = [str(python), str(script), str(scratch), str(SIDE_BY_SIDE), str(ONE_BY_ONE)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return Rates(**json.loads(printed))


def _environment_with_dbos(scratch: Path) -> Path | None:
    venv.create(scratch / "venv", with_pip=True)
    python = scratch / "venv" / "bin" / "python"
    installed = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", DBOS_REQUIREMENT],
        check=False,
        stderr=subprocess.DEVNULL,
    )
    return python if installed.returncode == 0 else None


def step(_: TaskCall, __: Context) -> TaskOutcome:
    return TaskOutcome()


@contextmanager
def _executor(scratch: Path) -> Iterator[SagaExecutor]:
    path = scratch / "own.sqlite"
    stores.create(path, ())
    steps = tuple(Step(name=f"step-{number}", task="step", timeout_seconds=30) for number in range(STEPS))
    saga = Saga(name="steps", nodes=steps, on_rejected="step", on_failed="step")
    workflow = Workflow(name="steps", saga=to_document(saga), tasks={"step": "step"})
    function = Function(name="step", handler="benchmarks.durable_steps:step")
    stop, store = threading.Event(), Store(path)
    functions = Functions({"step": function}, lambda _: cast(Client, None), background=32, api=1)
    executor = SagaExecutor(workflow, store, functions)
    thread = threading.Thread(target=executor.run, args=(stop,))
    thread.start()
    yield executor
    stop.set()
    executor.wake()
    thread.join()
    store.close()


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
