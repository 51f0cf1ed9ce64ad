"""Workflows: the source that was deployed, on workflows-emulator, several executions at the same time.

An execution calls with tokens of the workflow's own account, for the audience that its source says. What the emulator
lacks, tests/conformance/saga/engines makes even. What it leaves out: executions that outlive their engine, cancelling.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Timer
from types import TracebackType
from typing import Any, Self

from tests.conformance.saga.engines.workflows import HOST, PYTHON
from tests.conformance.saga.installed import require
from tests.e2e.gcp.world.cloud_run import CloudRun
from tests.e2e.world.http import Asked, Listener, Reply
from tests.e2e.world.records import Record, Records, last_part
from tests.gcp.executions_fake import ExecutionsFake, Started

AT_ONCE = 4
LONGEST_SECONDS = 120
JSON = (("Content-Type", "application/json"),)


@dataclass
class Execution:
    """`state` is as the API calls it; `ended` is what the emulator tells of its end."""

    workflow: str
    argument: Mapping[str, Any]
    state: str = "ACTIVE"
    ended: Mapping[str, Any] | None = None


class Workflows:
    """Entered, the Executions API at `address` starts the workflows that were recorded, and no others."""

    def __init__(self, records: Records, cloud_run: CloudRun, pace: float) -> None:
        self._workflows = {workflow.id: workflow for workflow in records.of("workflows.Workflow")}
        self._cloud_run, self._pace = cloud_run, pace
        self.executions: list[Execution] = []
        self._idle: SimpleQueue[_Host] = SimpleQueue()

    def __enter__(self) -> Self:
        require(PYTHON)
        with ExitStack() as opening:
            self._ways = {
                name: opening.enter_context(Listener(_Calls(workflow, self._cloud_run)))
                for name, workflow in self._workflows.items()
            }
            self._hosts = [opening.enter_context(_Host()) for _ in range(AT_ONCE)]
            for host in self._hosts:
                self._idle.put(host)
            self._pool = opening.enter_context(ThreadPoolExecutor(AT_ONCE))
            fake = opening.enter_context(ExecutionsFake(self._start, of=self._workflows.keys()))
            self.address = fake.address
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """What is still being executed is given up. Raises what the emulator could not execute before."""
        broken = [each.ended for each in self.executions if each.ended and "broken" in each.ended]
        self._pool.shutdown(wait=False, cancel_futures=True)
        for host in self._hosts:
            host.kill()
        self._pool.shutdown()
        self._open.close()
        assert error or not broken, broken

    def of(self, run_id: str) -> list[Execution]:
        return [each for each in self.executions if each.argument["run_id"] == run_id]

    def _start(self, started: Started) -> None:
        execution = Execution(started.workflow, started.argument)
        self.executions.append(execution)
        self._pool.submit(self._run, execution)

    def _run(self, execution: Execution) -> None:
        source = self._workflows[execution.workflow]["sourceContents"]
        order = {
            "source": source,
            "input": execution.argument,
            "server": self._ways[execution.workflow].url,
            "pace": self._pace,
        }
        host = self._idle.get()
        try:
            execution.ended = host.perform(order)
        except (OSError, ValueError) as error:
            execution.ended = {"broken": repr(error)}
        finally:
            self._idle.put(host)
        execution.state = "SUCCEEDED" if "result" in execution.ended else "FAILED"


@dataclass(frozen=True)
class _Calls:
    """The calls of one workflow's executions, each of which says whom it is for."""

    workflow: Record
    cloud_run: CloudRun

    def __call__(self, asked: Asked) -> Reply:
        call = Asked(method="POST", headers=JSON, body=asked.body)
        account, audience = last_part(self.workflow["serviceAccount"]), asked.header("Audience")
        return self.cloud_run.call(asked.header("Service"), call, account=account, audience=audience)


class _Host:
    """A process of the emulator's, which performs one execution after another; one that has died is started anew."""

    def __enter__(self) -> Self:
        self._process = _started()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate()

    def kill(self) -> None:
        self._process.kill()

    def perform(self, order: Mapping[str, object]) -> Mapping[str, Any]:
        if self._process.poll() is not None:
            self._process.communicate()
            self._process = _started()
        assert self._process.stdin
        assert self._process.stdout
        deadline = Timer(LONGEST_SECONDS, self._process.kill)
        deadline.start()
        try:
            print(json.dumps(order), file=self._process.stdin, flush=True)
            told = self._process.stdout.readline()
        finally:
            deadline.cancel()
        ended: Mapping[str, Any] = json.loads(told or '{"broken": "it did not end in time"}')
        return ended


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PYTHON, HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
