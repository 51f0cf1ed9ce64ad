"""Durable Functions: the orchestrators in Microsoft's replay executor, in a task hub of ours that has its own clock."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import zlib
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from random import Random
from types import ModuleType, TracebackType
from typing import Any, TypeAlias

from components.saga import durable as compiler
from functions.entrypoints.azure import saga_v1
from tests.conformance.saga.case import DATA, Case, Fate, FateKind
from tests.conformance.saga.installed import ENGINES, require
from tests.conformance.saga.trace import End, Trace
from tests.conformance.saga.world import TaskCall, World, phase_and_step, timeout_seconds

Message: TypeAlias = dict[str, Any]
PYTHON = ENGINES / "durable" / "bin" / "python"
HOST = Path(__file__).with_name("_durable_host.py")
SETTINGS = {"AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1"}
"""As of the function app: without it the SDK makes an object of whatever in a run's data looks like one."""
LATE = (0.01, 0.4, 1.5, 60.0)
"""Seconds after the timeout."""

LEVELLED: tuple[str, ...] = (
    "the task hub, which keeps the histories and does what the orchestrators ask for, is the driver's and has virtual "
    "time; what plays a history to an orchestrator is Microsoft's SDK",
    "the setting AZURE_FUNCTIONS_DURABLE_STRICT_TYPING=1, which a function app has to have (without it the SDK makes "
    "objects of data that looks like one), is the driver's",
)
UNPROVEN: Mapping[str, tuple[str, str]] = {
    "a_second_start_changes_nothing": (
        "by the provider's word",
        "an id that runs is refused with overridableExistingInstanceStates = NonRunningStates; an instance that has "
        "ended would be replaced, so what starts runs has to remember their ids",
    ),
    "a_run_survives_the_death_of_its_engine": (
        "by the provider's word",
        "every episode here has nothing but the history to go on, as after a death; that Azure keeps the history, and "
        "makes a cut-off call again before it is late (workItemQueueVisibilityTimeout), is its word",
    ),
    "a_run_keeps_the_definition_that_it_began_with": (
        "by the provider's word",
        "by construction: the definition is the run's input, which its history keeps",
    ),
}


class Durable:
    """`module` is the one of the orchestrators, whose source is read from its file and run in .engines/durable, or else
    the compiler; either may have a mistake in it.
    """

    name = "durable"
    unproven = UNPROVEN
    levelled = LEVELLED

    def __init__(self, module: ModuleType = saga_v1) -> None:
        is_compiler = hasattr(module, "compile_durable")
        self._compiler = module if is_compiler else compiler
        self._source = inspect.getsource(saga_v1 if is_compiler else module)

    def __enter__(self) -> Durable:
        self._host = _Host(self._source)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._host.end()

    def run(self, case: Case) -> Trace:
        world, ended = self._play(case)
        world.violations += ended["violations"]
        return world.trace(_end(ended))

    def waits(self, case: Case) -> list[float]:
        """The seconds between attempts, in the order in which the waits began."""
        _, ended = self._play(case)
        waits: list[float] = ended["waits"]
        return waits

    def _play(self, case: Case) -> tuple[World, Message]:
        seed = zlib.crc32(repr(case).encode())
        world = World(case, "run-1")
        given = {
            "definition": json.loads(self._compiler.compile_durable(case.saga)),
            "run_id": world.run_id,
            "data": DATA,
        }
        with ThreadPoolExecutor() as threads:
            tasks = _Tasks(world, Random(seed), threads)  # noqa: S311 -- a simulation, not a secret
            try:
                return world, self._host.run({"given": given, "seed": seed}, tasks)
            except BaseException:
                self._host.end()  # it waits for an answer that no longer comes
                self._host = _Host(self._source)
                raise


class _Host:
    """The subprocess in which the task hub is."""

    def __init__(self, source: str) -> None:
        require(PYTHON)
        self._subprocess = subprocess.Popen(
            [PYTHON, HOST],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **SETTINGS},
        )
        self._tell({"source": source})

    def run(self, start: Message, tasks: _Tasks) -> Message:
        """How the run ended; its activities are performed meanwhile."""
        self._tell(start)
        while "ended" not in (said := self._hear()):
            self._tell(tasks.perform(said["number"], said["perform"]))
        ended: Message = said["ended"]
        return ended

    def end(self) -> None:
        self._subprocess.kill()
        self._subprocess.communicate()

    def _tell(self, message: Mapping[Any, Any]) -> None:
        assert self._subprocess.stdin
        self._subprocess.stdin.write(json.dumps(message) + "\n")
        self._subprocess.stdin.flush()

    def _hear(self) -> Message:
        assert self._subprocess.stdout
        line = self._subprocess.stdout.readline()
        if not line:
            raise RuntimeError(f"the host has ended with {self._subprocess.wait()}; what it says is above")
        said: Message = json.loads(line)
        return said


class _Tasks:
    """The activity: it performs tasks in the world, and decides how long that takes.

    Tasks that have to meet are performed while others are; the first one is answered with the one that it has met.
    """

    def __init__(self, world: World, random: Random, threads: ThreadPoolExecutor) -> None:
        self._world = world
        self._random = random
        self._threads = threads
        self._meeting: dict[int, Future[Message]] = {}

    def perform(self, number: int, text: str) -> dict[int, Message]:
        """The answers that there are by now, by the number of the call."""
        call = TaskCall.from_json(text)
        performed = self._threads.submit(self._answer, call)
        if self._world.case.fate(*phase_and_step(call.key), call.attempt).kind is not FateKind.MEET:
            return {number: performed.result()}
        self._meeting[number] = performed
        if len(self._meeting) == 1:
            return {}
        met, self._meeting = self._meeting, {}
        return {each: answer.result() for each, answer in met.items()}

    def _answer(self, call: TaskCall) -> Message:
        fate = self._world.perform(call)
        timeout = timeout_seconds(self._world.case.saga, call.key) or 1
        if fate.kind is FateKind.STALL:
            late = self._random.choice((_answered(fate), _FAILED))
            return {"seconds": timeout + self._random.choice(LATE), **late}
        answered = self._random.choice(_CRASHED) if fate.kind is FateKind.CRASH else _answered(fate)
        return {"seconds": timeout * self._random.uniform(0.01, 0.95), **answered}


_FAILED = {"failed": "Activity function 'perform_task' failed: PartnerError: no connection"}
_OTHER_FORMS: tuple[object, ...] = (
    None,
    "done, I think",
    {},
    {"code": None},
    {"code": 7, "message": "no", "result": ""},
)
_CRASHED: tuple[Message, ...] = (_FAILED, _FAILED, *({"completed": form} for form in _OTHER_FORMS))


def _answered(fate: Fate) -> Message:
    if fate.kind is FateKind.FAIL:
        return _FAILED
    if fate.kind is FateKind.REFUSE:
        return {"completed": {"code": fate.word, "message": "no", "result": ""}}
    return {"completed": {"code": None, "message": "", "result": fate.word}}


def _end(ended: Mapping[str, Any]) -> End:
    assert ended["status"] != "Running", "the run waits for nothing, and has not ended"
    is_alarmed = ended["status"] == "Failed"
    said = _said(ended["error"]) if is_alarmed else ended["output"]
    return End.said(said, is_recorded=not said.get("end_error"), is_alarmed=is_alarmed)


def _said(error: str) -> Message:
    """A run that failed says how it ended in the text of its error, as JSON; any other text is no end of a saga."""
    assert error.startswith("{"), f"the orchestrator broke: {error}"
    said: Message = json.loads(error)
    return said
