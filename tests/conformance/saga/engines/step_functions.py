"""AWS Step Functions, as ministack plays it: the definition that is deployed, run with functions under awslambdaric."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from types import ModuleType, TracebackType
from typing import Any, TypeAlias

from components.saga import asl
from components.saga.definition import Saga
from tests.conformance.saga.case import DATA, SUCCEED, Case, Fate, FateKind
from tests.conformance.saga.engines._ministack import ExecutionAlreadyExists, Ministack
from tests.conformance.saga.trace import End, Trace
from tests.conformance.saga.world import TaskCall, World, timeout_seconds
from tests.ministack import ACCOUNT, START_SECONDS

LEVELLED = (
    "ResultSelector can read the context object, which ministack's cannot.",
    "Each branch has a context object of its own; ministack's branches overwrite one that they share.",
    "MaxDelaySeconds caps the waits between attempts, which ministack does not read.",
    "A state that puts out more than 256 KiB fails with States.DataLimitExceeded, which ministack does not count.",
    "Functions run under awslambdaric as a custom runtime, because ministack's own runtime loses the names of errors.",
    "A second start of a run that is under way is refused, to which Step Functions answers as to the first.",
    "Waits are noted instead of waited, and a run begins at once.",
    "The timeout of an attempt whose answer the test holds back is over at once.",
)
UNPROVEN: Mapping[str, tuple[str, str]] = {
    "a_run_survives_the_death_of_its_engine": (
        "by the provider's word",
        "Step Functions keeps the state of a standard run in several zones; ministack forgets its runs when it ends.",
    ),
}
FUNCTION = "task"
WARM_FUNCTIONS = 8
"""More calls than any case has under way, late ones included: a function that starts cold could be late itself."""
WARM_UP = "warm-up"
LATE_SECONDS = 0.2
RUN_SECONDS = 60
POLL_SECONDS = 0.002
ROLE = f"arn:aws:iam::{ACCOUNT}:role/saga"
Performer: TypeAlias = Callable[[TaskCall], Fate]


class StepFunctions:
    """`StepFunctions(module)` compiles with that module in place of components.saga.asl."""

    name = "step-functions"
    unproven = UNPROVEN
    levelled = LEVELLED

    def __init__(self, compiler: ModuleType = asl) -> None:
        self._compiler = compiler
        self._open = ExitStack()
        self._run_ids = (f"run-{number}" for number in count(1))

    def __enter__(self) -> StepFunctions:
        with ExitStack() as opening:
            self._cloud = opening.enter_context(Ministack())
            self._tasks = opening.enter_context(_Tasks(self._cloud))
            self._function = self._cloud.deploy(FUNCTION, {"TASKS_ADDRESS": self._tasks.address})
            self._warm_up()
            self._open = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def run(self, case: Case) -> Trace:
        trace, _ = self._run(case)
        return trace

    def waits(self, case: Case) -> list[float]:
        _, history = self._run(case)
        return [event["seconds"] for event in history if event["type"] == "Waited"]

    def _run(self, case: Case) -> tuple[Trace, list[dict[str, Any]]]:
        """The trace, and the history of the execution."""
        run_id = next(self._run_ids)
        machine = self._cloud.states(
            "CreateStateMachine", name=run_id, definition=self._definition(case.saga), roleArn=ROLE
        )["stateMachineArn"]
        world = World(case, run_id)
        self._tasks.performers[run_id] = self._performer(world, machine)
        execution = self._start(case, machine, run_id)
        ended = self._wait_for_end(execution)
        if case.starts > 1:
            self._start_again(machine, run_id)
        history = self._cloud.states("GetExecutionHistory", executionArn=execution, maxResults=1000)["events"]
        self._cloud.states("DeleteStateMachine", stateMachineArn=machine)
        world.violations += _wrong_timeouts(world, history)
        return world.trace(_end(ended)), history

    def _definition(self, saga: Saga) -> str:
        definition = self._compiler.compile_asl(saga, dict.fromkeys(saga.tasks(), self._function))
        assert isinstance(definition, str)
        return definition

    def _performer(self, world: World, machine: str) -> Performer:
        """Step Functions does not die; what would be deployed while it is dead is deployed in that call."""
        numbers = count(1)

        def perform(call: TaskCall) -> Fate:
            if next(numbers) in world.case.kills and world.case.deployed_meanwhile:
                definition = self._definition(world.case.deployed_meanwhile)
                self._cloud.states("UpdateStateMachine", stateMachineArn=machine, definition=definition)
            return world.perform(call)

        return perform

    def _start(self, case: Case, machine: str, run_id: str) -> str:
        started = self._cloud.states("StartExecution", stateMachineArn=machine, name=run_id, input=json.dumps(DATA))
        for _ in range(case.starts - 1):
            self._start_again(machine, run_id)
        return str(started["executionArn"])

    def _start_again(self, machine: str, run_id: str) -> None:
        """While the run is under way Step Functions gives the same answer again, where ministack refuses."""
        with suppress(ExecutionAlreadyExists):
            self._cloud.states("StartExecution", stateMachineArn=machine, name=run_id, input=json.dumps(DATA))

    def _wait_for_end(self, execution: str) -> dict[str, Any]:
        deadline = time.monotonic() + RUN_SECONDS
        while time.monotonic() < deadline:
            description = self._cloud.states("DescribeExecution", executionArn=execution)
            if description["status"] != "RUNNING":
                return description
            time.sleep(POLL_SECONDS)
        raise TimeoutError(f"the run was not over within {RUN_SECONDS} s")

    def _warm_up(self) -> None:
        """Calls that wait for each other need as many functions."""
        together = threading.Barrier(WARM_FUNCTIONS)

        def wait(_: TaskCall) -> Fate:
            together.wait(START_SECONDS)
            return SUCCEED

        self._tasks.performers[WARM_UP] = wait
        call = {"task": WARM_UP, "run_id": WARM_UP, "key": WARM_UP, "attempt": 1, "data": {}}
        with ThreadPoolExecutor(WARM_FUNCTIONS) as threads:
            list(threads.map(lambda _: self._cloud.invoke(FUNCTION, call), range(WARM_FUNCTIONS)))


def _wrong_timeouts(world: World, history: list[dict[str, Any]]) -> Iterator[str]:
    """A late answer ends an attempt at once, so what ministack was told to wait is compared with the definition."""
    for event in history:
        if event["type"] == "Timed":
            timeout = timeout_seconds(world.case.saga, event["key"])
            if event["seconds"] != timeout:
                yield f"the timeout of {event['key']} is {event['seconds']} s, not {timeout} s"


def _end(description: Mapping[str, Any]) -> End:
    """A run that failed says in its cause what it would have put out."""
    is_alarmed = description["status"] == "FAILED"
    if is_alarmed and description["error"] not in (asl.END_NOT_RECORDED_ERROR, asl.NOT_COMPENSATED_ERROR):
        raise AssertionError(f"the run failed with {description['error']}: {description['cause']}")
    output = json.loads(description["cause"] if is_alarmed else description["output"])
    is_recorded = description.get("error") != asl.END_NOT_RECORDED_ERROR
    return End.said(output, is_recorded=is_recorded, is_alarmed=is_alarmed)


class _Tasks(ThreadingHTTPServer):
    """Where the functions ask what to do; each run has a performer of its calls."""

    daemon_threads = False  # so that closing it waits for the answers that are late

    def __init__(self, cloud: Ministack) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.cloud = cloud
        self.performers: dict[str, Performer] = {}
        self.address = f"127.0.0.1:{self.server_port}"

    def __enter__(self) -> _Tasks:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Answer(BaseHTTPRequestHandler):
    server: _Tasks

    def do_POST(self) -> None:
        call = TaskCall.from_json(self.rfile.read(int(self.headers["Content-Length"])))
        fate = self.server.performers[call.run_id](call)
        if fate.kind is FateKind.STALL:
            self.server.cloud.answer_is_late(call.key, call.attempt)
            time.sleep(LATE_SECONDS)
        self._send(500 if fate.kind in (FateKind.FAIL, FateKind.CRASH) else 200, _envelope(fate))

    def _send(self, status: int, answer: Mapping[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: a call is in the trace."""


def _envelope(fate: Fate) -> dict[str, str | None]:
    """The answer of docs/saga.md; that of an attempt which fails is the text of its error."""
    if fate.kind is FateKind.REFUSE:
        return {"code": fate.word, "message": f"said no: {fate.word}", "result": ""}
    return {"code": None, "message": "", "result": fate.word if fate.kind is FateKind.SUCCEED else ""}
