"""Google Cloud Workflows, by workflows-emulator: the compiled source runs there and calls the world over HTTP."""

from __future__ import annotations

import json
import math
import socket
import struct
import subprocess
import threading
import zlib
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, ClassVar
from unittest.mock import patch

from components.saga import workflows as compiler
from components.saga.definition import Saga
from tests.conformance.saga.case import DATA, Case, Fate, FateKind, calls
from tests.conformance.saga.installed import ENGINES, require
from tests.conformance.saga.trace import End, Trace
from tests.conformance.saga.world import TaskCall, World

PYTHON = ENGINES / "workflows" / "bin" / "python"
HOST = Path(__file__).with_name("_workflows_host.py")
DEADLINE_SECONDS = 60
LATE_SECONDS = 1.5
"""What a stalled answer says it took: more than the shortest timeout, one second, and less than any other. It is not
waited for, since on a busy machine an answer that is not late would sometimes come after it.
"""
LEVELLED = (
    "waits are noted and compared with the saga's rather than slept through",
    "a late answer comes at once and says how long it took, and is let through only within its timeout",
    "the service of a call is found on this machine, whose calls carry no token: that each would carry one for its "
    "service is checked instead (the emulator refuses OIDC)",
    "a timeout and a broken connection are raised as the errors TimeoutError and ConnectionError (the emulator lets "
    "the exceptions of its HTTP library through, which no `except` catches)",
    "a string is evaluated only if the whole of it is one ${...} (the emulator looks for them anywhere, and ends each "
    "at its first brace)",
    "an expression's value is handed on as it is (the emulator writes it as text and reads that as YAML, which changes "
    "null, backslashes and quotes)",
    "an expression sees no variable but those whose names are in its text (the emulator copies all there are for each)",
    "the emulator's schema takes an expression for a timeout, as for every other argument of a call",
    "an expression knows null, true and false",
    "asking a value for a field that it does not have raises KeyError (the emulator ends there)",
    "of a switch only the first condition that is true is followed (the emulator goes on to the next)",
    "the lock that the emulator holds while it assigns is taken away altogether (an assignment that fails never gives "
    "it back)",
)
UNPROVEN: Mapping[str, tuple[str, str]] = {
    "a_second_start_changes_nothing": (
        "not offered",
        "Workflows gives each start an id of its own; whoever starts an execution has to see to it that a run is "
        "started once",
    ),
    "a_run_survives_the_death_of_its_engine": (
        "by the provider's word",
        "the emulator keeps an execution in memory; Workflows keeps every step's state",
    ),
    "a_run_keeps_the_definition_that_it_began_with": (
        "by the provider's word",
        "the emulator has no deployments; an execution of Workflows stays with the revision that it was started on",
    ),
}


class Workflows:
    """The engine. `module` is the compiler, or the module of its subworkflows, which may have a mistake in it.

    Every case is started once and is never killed: see UNPROVEN.
    """

    name = "workflows"
    unproven = UNPROVEN
    levelled = LEVELLED

    def __init__(self, module: ModuleType = compiler) -> None:
        self._module = module

    def __enter__(self) -> Workflows:
        require(PYTHON)
        self._server = _Server()
        self._host = _start_host()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._host.communicate()
        self._server.close()

    def run(self, case: Case) -> Trace:
        world, ended = self._play(case)
        world.violations += ended["violations"]
        if sorted(ended["sleeps"]) != sorted(_waits(world)):
            world.violations.append(f"the run waited {ended['sleeps']}")
        return world.trace(_end(ended))

    def waits(self, case: Case) -> list[float]:
        """The seconds between attempts, in the order in which the waits began."""
        sleeps: list[float] = self._play(case)[1]["sleeps"]
        return sleeps

    def _play(self, case: Case) -> tuple[World, dict[str, Any]]:
        world = World(case, "run-1")
        services = {task: f"https://{task}.example.run.app" for task in case.saga.tasks()}
        self._server.begin(world, services)
        return world, self._execute(self._compiled(case.saga, services), {"run_id": world.run_id, "data": DATA})

    def _compiled(self, saga: Saga, services: Mapping[str, str]) -> str:
        if hasattr(self._module, "compile_workflow"):
            source: str = self._module.compile_workflow(saga, services)
            return source
        with patch.object(compiler, "SUBWORKFLOWS", self._module.SUBWORKFLOWS):
            return compiler.compile_workflow(saga, services)

    def _execute(self, source: str, data: Mapping[str, object]) -> dict[str, Any]:
        told = self._converse(json.dumps({"source": source, "input": data, "server": self._server.url}))
        if not told:
            self._host.communicate()
            self._host = _start_host()
        ended: dict[str, Any] = json.loads(told or '{"broken": "it did not end in time"}')
        if "broken" in ended:
            raise AssertionError(f"the emulator cannot run it: {ended['broken']}")
        return ended

    def _converse(self, order: str) -> str:
        """One line for another; nothing from a host that had to be killed."""
        assert self._host.stdin
        assert self._host.stdout
        deadline = threading.Timer(DEADLINE_SECONDS, self._host.kill)
        deadline.start()
        try:
            print(order, file=self._host.stdin, flush=True)
            return self._host.stdout.readline()
        finally:
            deadline.cancel()


def _start_host() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PYTHON, HOST], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _end(ended: Mapping[str, Any]) -> End:
    """An error that is not the workflow's own is none of the ends that a saga has."""
    said = ended.get("result") or ended["error"]
    assert "outcome" in said, f"the execution failed with {said}"
    return End.said(said, is_recorded=said.get("is_recorded", True), is_alarmed="error" in ended)


def _waits(world: World) -> Iterator[int]:
    """What the run should have slept, by the calls that it made; the compiler has an arithmetic of its own."""
    named = calls(world.case.saga)
    for attempt in world.attempts:
        if attempt.number > 1:
            retry = named[attempt.phase, attempt.step].retry
            grown = retry.interval_seconds * retry.factor ** (attempt.number - 2)
            yield math.ceil(min(grown, retry.cap_seconds))


class _Server(ThreadingHTTPServer):
    """Every service at once: it performs the calls of the one run that is under way."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}/"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,))
        self._thread.start()

    def begin(self, world: World, services: Mapping[str, str]) -> None:
        self.world, self.services = world, services

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def perform(self, service: str, text: bytes) -> tuple[Fate, TaskCall] | None:
        """None for what is no call."""
        try:
            call = TaskCall.from_json(text)
        except (TypeError, ValueError) as error:
            self.world.violations.append(f"a service is asked for {text!r}: {error}")
            return None
        if service != self.services.get(call.task):
            self.world.violations.append(f"{call.task} is asked of {service}")
        return self.world.perform(call), call


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"]))
        performed = self.server.perform(self.headers["Service"], text)
        if performed is None:
            self._answer(500, "no call")
        else:
            self._play(*performed)

    def _play(self, fate: Fate, call: TaskCall) -> None:
        if fate.kind is FateKind.FAIL:
            self._answer(500, "failed")
        elif fate.kind is FateKind.CRASH:
            self.CRASHES[(zlib.crc32(call.key.encode()) + call.attempt) % len(self.CRASHES)](self)
        elif fate.kind is FateKind.REFUSE:
            self._answer(200, {"code": fate.word, "message": f"{fate.word}: ${{no}}", "result": ""})
        else:
            took = LATE_SECONDS if fate.kind is FateKind.STALL else 0.0
            self._answer(200, {"code": None, "message": "", "result": fate.word}, took=took)

    def _answer(self, status: int, body: object, *, took: float = 0.0) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Took", str(took))
        self.end_headers()
        self.wfile.write(content)

    def _unavailable(self) -> None:
        self._answer(503, "unavailable")

    def _no_envelope(self) -> None:
        self._answer(200, "done, I think")

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    CRASHES: ClassVar = (_unavailable, _no_envelope, _reset)

    def log_message(self, format: str, *args: object) -> None:
        pass
