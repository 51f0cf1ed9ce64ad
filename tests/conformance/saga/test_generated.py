"""Generated sagas under generated faults leave on every engine the trace that the reference leaves.

`CASES` sets how many there are for each engine: 300 unless it is set, always the same ones; more are drawn anew.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, given, settings

from tests.conformance.saga.case import Case
from tests.conformance.saga.engine import Engine
from tests.conformance.saga.reference import Reference
from tests.conformance.saga.strategies import cases
from tests.conformance.saga.trace import difference

CASES = int(os.environ.get("CASES", "300"))


@given(case=cases())
@settings(
    max_examples=CASES,
    derandomize="CASES" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    print_blob=True,
)
def test_the_same_saga_under_the_same_faults_leaves_the_same_trace(engine: Engine, case: Case) -> None:
    found = difference(engine.run(case), Reference().run(case))
    assert not found, found
