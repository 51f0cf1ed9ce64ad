"""Our own executor: each case is a workflow of its own in one long-lived store, with its disk, threads and deaths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, TracebackType
from unittest.mock import patch

from components.saga import decider
from local_runtime import saga_calls, saga_journal, saga_turns
from local_runtime import store as stores
from local_runtime.store import Store
from tests.conformance.saga.case import Case
from tests.conformance.saga.engines.local_run import LocalRun, workflow
from tests.conformance.saga.engines.local_time import waits
from tests.conformance.saga.trace import Trace

LEVELLED = (
    "waits between attempts are multiplied by zero; how long they are is seen on a clock that they move on",
    "a stalled attempt is given 10 ms, since its late answer comes when it has been given up, however soon that is; "
    "that the executor asks for the timeout of the definition is checked instead",
    "the functions are the suite's own, called in threads of this process",
    "the death of its process is played in one process, in which nothing more reaches the disk; "
    "tests/conformance/local_runtime ends a real one with `kill -9`",
)


class Local:
    """`Local(module)` runs the executor on that module in place of components.saga.decider."""

    name = "local"
    unproven: Mapping[str, tuple[str, str]] = {}
    levelled = LEVELLED

    def __init__(self, deciding: ModuleType = decider) -> None:
        self._deciding = deciding
        self._open = ExitStack()
        self._names = (f"case-{number}" for number in count(1))

    def __enter__(self) -> Local:
        for module, name in _uses_of_decider():
            self._open.enter_context(patch.object(module, name, getattr(self._deciding, name)))
        path = Path(self._open.enter_context(TemporaryDirectory())) / "sagas.sqlite"
        stores.create(path, ())
        self._store = Store(path)
        self._open.callback(self._store.close)
        self._threads = self._open.enter_context(ThreadPoolExecutor(16))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def run(self, case: Case) -> Trace:
        return LocalRun(case, next(self._names), self._store, self._threads, self._deciding).to_its_end()

    def waits(self, case: Case) -> list[float]:
        """The seconds between the attempts of each call, in the order in which they passed; see local_time."""
        return waits(case, workflow(next(self._names), case.saga), self._store)


def _uses_of_decider() -> Iterator[tuple[ModuleType, str]]:
    """Where the executor has a name of the decider's."""
    for module in (saga_turns, saga_calls, saga_journal):
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") == decider.__name__ and value is getattr(decider, name, None):
                yield module, name
