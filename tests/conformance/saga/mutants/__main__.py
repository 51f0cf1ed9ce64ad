"""Breaks a compiler in one way after another and lets the suite run until it notices.

python -m tests.conformance.saga.mutants [workflows | asl | workflows_steps | durable | decider ...]

Prints what caught each mutant, and ends with 1 if one survived.
"""

from __future__ import annotations

import io
import linecache
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest

from tests.conformance.saga import engines, mutants
from tests.conformance.saga.mutants import ENGINE_OF, Mutant

ROOT = Path(__file__).parents[4]
SUITE = Path(__file__).parents[1]
TESTS = ("test_rules.py", "test_order_saga.py", "test_step_functions.py", "test_generated.py")


class FirstFailure:
    """A plugin of pytest's that keeps the name of the test which caught the mutant."""

    def __init__(self) -> None:
        self.test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.test:
            self.test = report.nodeid.rpartition("::")[2]


def main(compilers: list[str]) -> int:
    if len(compilers) == 1:
        with TemporaryDirectory() as folder:
            survivors = list(_survivors(compilers[0], Path(folder)))
        return 1 if survivors else 0
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        ended = list(threads.map(_in_a_process_of_its_own, compilers))
    return max(ended)


def _in_a_process_of_its_own(compiler: str) -> int:
    """Compilers are broken side by side; each process has engines of its own."""
    return subprocess.run(
        [sys.executable, "-m", "tests.conformance.saga.mutants", compiler], cwd=ROOT, check=False
    ).returncode


def _survivors(compiler: str, folder: Path) -> Iterator[str]:
    broken = mutants.of(compiler)
    began, caught = time.monotonic(), 0
    for mutant in broken.MUTANTS:
        test = _catch(ENGINE_OF[compiler], _mutated(ROOT / broken.SOURCE, mutant, folder))
        print(f"{compiler:15} {mutant.name:60} {test or 'SURVIVED'}", flush=True)
        caught += bool(test)
        if not test:
            yield mutant.name
    print(f"{compiler}: {caught} of {len(broken.MUTANTS)} caught, {time.monotonic() - began:.0f} s", flush=True)


def _mutated(source: Path, mutant: Mutant, folder: Path) -> ModuleType:
    """The module with the mistake in it, in a file of its own: some drivers hand the file to another interpreter."""
    text = source.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        raise RuntimeError(f"{mutant.name}: {source.name} has changed since, so mend the mutant")
    file = folder / f"{source.stem}_mutant.py"
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    linecache.checkcache(str(file))
    module = ModuleType(file.stem)
    module.__file__ = str(file)
    sys.modules[module.__name__] = module
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), module.__dict__)  # noqa: S102 -- our own source
    return module


def _catch(engine: str, module: ModuleType) -> str:
    """The name of the first test that fails; empty when none does."""
    failure, printed = FirstFailure(), io.StringIO()
    with _in_place_of(engine, module), redirect_stdout(printed):
        tests = [str(SUITE / test) for test in TESTS]
        ended = pytest.main(["-x", "-p", "no:cacheprovider", "-k", f"[{engine}", *tests], plugins=[failure])
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(printed.getvalue())
    return failure.test


@contextmanager
def _in_place_of(engine: str, module: ModuleType) -> Iterator[None]:
    real = engines.ENGINES[engine]
    engines.ENGINES[engine] = lambda: real(module)
    try:
        yield
    finally:
        engines.ENGINES[engine] = real


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(ENGINE_OF)))
