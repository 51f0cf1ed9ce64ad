"""A test that asks for an engine runs on each, and what the tests of the rules show is compared with docs/parity.md."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from itertools import product
from typing import TypeGuard, cast

import pytest

from tests.conformance.saga.engine import Engine
from tests.conformance.saga.engines import ENGINES
from tests.conformance.saga.shown import FILE, Shown, rules

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
    if report.when == "call" and report.passed and _is_rule(item):
        SHOWN.add(item.originalname, cast("Engine", item.funcargs["engine"]))
    return report


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Only a run of all rules on all engines can tell that the page is stale."""
    ran = {(item.originalname, item.callspec.params["engine"]) for item in session.items if _is_rule(item)}
    if ran != set(product(rules(), ENGINES)):
        return
    if missing := SHOWN.missing(ENGINES):
        _fail(session, f"not shown, so docs/parity.md cannot be told to be current: {'; '.join(missing)}")
    elif WRITE in os.environ:
        FILE.write_text(SHOWN.text(), encoding="utf-8")
    elif stale := list(SHOWN.differences()):
        _fail(session, f"docs/parity.md is stale about: {'; '.join(stale)}: run `make parity`")


def _is_rule(item: pytest.Item) -> TypeGuard[pytest.Function]:
    return isinstance(item, pytest.Function) and item.path.name == "test_rules.py"


def _fail(session: pytest.Session, why: str) -> None:
    session.config.get_terminal_writer().line(f"\n{why}")
    session.exitstatus = pytest.ExitCode.TESTS_FAILED
