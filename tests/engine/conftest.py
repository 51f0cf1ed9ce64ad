"""The real engine for every test here: the CLI that `make test` provides, in a folder and with a state of its own."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.engine.cli import close_idle_loops, idle_loops, pulumi_on_path
from tests.engine.simulated.account import Account
from tests.engine.systems import Raw, System


@pytest.fixture(scope="session", autouse=True)
def cli() -> Iterator[None]:
    with pulumi_on_path():
        yield


@pytest.fixture(autouse=True)
def no_loop_left_open() -> Iterator[None]:
    """When an update fails, the SDK's server leaves the program half run in a loop that nobody closes: end both."""
    yield
    for loop in idle_loops():
        _end(loop, [task for task in asyncio.all_tasks(loop) if "run_in_stack" in repr(task)])
    gc.collect()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """What a file's fixtures took down, they took down after the test's own."""
    yield
    close_idle_loops()


def _end(loop: asyncio.BaseEventLoop, programs: list[asyncio.Task[Any]]) -> None:
    for program in programs:
        program.cancel()
        with suppress(asyncio.CancelledError, Exception):
            loop.run_until_complete(program)
    if programs:
        loop.close()


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A whole order system that is up; each test leaves it up, though not as it was."""
    system = System(tmp_path_factory.mktemp("system"))
    system.deployment().up()
    yield system
    system.deployment().destroy()


@pytest.fixture(scope="module")
def stack(account: Account, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    """A stack of single resources in a simulated account, which each test finds as the one before left it."""
    raw = Raw(tmp_path_factory.mktemp("stack"))
    yield raw
    raw.destroy()


@pytest.fixture
def raw(tmp_path: Path) -> Iterator[Raw]:
    """A stack of single resources of the provider."""
    raw = Raw(tmp_path)
    yield raw
    raw.destroy()
