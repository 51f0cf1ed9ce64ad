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

WRITE = "WRITE_SAGA_RUNS"
"""Set by `make parity`."""


@pytest.fixture(scope="package", params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with ENGINES[request.param]() as started:
        yield started


@pytest.fixture(scope="session")
def shown() -> Iterator[Shown]:
    """Only a run of all rules on all engines can tell that the page is stale."""
    shown = Shown()
    yield shown
    if shown.asked == set(product(rules(), ENGINES)):
        _compare(shown)


@pytest.fixture(autouse=True)
def _only_what_the_engine_shows(request: pytest.FixtureRequest, shown: Shown) -> None:
    if "engine" not in request.fixturenames:
        return
    engine: Engine = request.getfixturevalue("engine")
    test = request.node.originalname
    if _is_rule(request.node):
        shown.asked.add((test, engine.name))
    if word := engine.unproven.get(test.removeprefix("test_")):
        shown.add(test, engine)
        pytest.skip(f"{engine.name}, {word[0]}: {word[1]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Function, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.passed and _is_rule(item):
        shown = cast("Shown", item.funcargs["shown"])
        shown.add(item.originalname, cast("Engine", item.funcargs["engine"]))
    return report


def _compare(shown: Shown) -> None:
    if missing := shown.missing(ENGINES):
        pytest.fail(f"not shown, so docs/parity.md cannot be told to be current: {'; '.join(missing)}", pytrace=False)
    elif WRITE in os.environ:
        FILE.write_text(shown.text(), encoding="utf-8")
    elif stale := list(shown.differences()):
        pytest.fail(f"docs/parity.md is stale about: {'; '.join(stale)}: run `make parity`", pytrace=False)


def _is_rule(item: pytest.Item) -> TypeGuard[pytest.Function]:
    return isinstance(item, pytest.Function) and item.path.name == "test_rules.py"
