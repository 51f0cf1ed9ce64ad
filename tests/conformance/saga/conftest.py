"""Every test of this folder runs on each engine, and what the rules' tests show is compared with docs/parity.md."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from typing import cast

import pytest

from tests.conformance.saga.engine import Engine
from tests.conformance.saga.engines import ENGINES
from tests.conformance.saga.shown import FILE, Shown

SHOWN = Shown()
WRITE = "WRITE_SAGA_RUNS"
"""Set by `make parity`."""


@pytest.fixture(scope="session", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with ENGINES[request.param]() as started:
        yield started


@pytest.fixture(autouse=True)
def _only_what_the_engine_shows(request: pytest.FixtureRequest) -> None:
    if "engine" not in request.fixturenames:
        return
    engine: Engine = request.getfixturevalue("engine")
    test = request.node.originalname
    if word := engine.unproven.get(test.removeprefix("test_")):
        SHOWN.add(test, engine)
        pytest.skip(f"{engine.name}, {word[0]}: {word[1]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.passed and item.path.name == "test_rules.py":
        SHOWN.add(item.originalname, cast("Engine", item.funcargs["engine"]))
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only a run of all rules on all engines can tell that the page is stale."""
    if not SHOWN.is_whole(ENGINES):
        return
    if WRITE in os.environ:
        FILE.write_text(SHOWN.text(), encoding="utf-8")
    elif stale := list(SHOWN.differences()):
        session.config.get_terminal_writer().line(f"\ndocs/parity.md is stale about: {'; '.join(stale)}: `make parity`")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
