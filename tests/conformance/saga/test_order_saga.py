"""The order saga itself: every step, every compensation and the end, with every fault, on every engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from _pytest.mark import ParameterSet

from components.saga.decider import Phase
from components.saga.definition import Saga
from components.saga.json import from_document, to_json
from components.saga.order import ORDER_SAGA
from tests.conformance.saga.case import CRASH, FAIL, STALL, SUCCEED, CallName, Case, Fate, refuse
from tests.conformance.saga.engine import Engine
from tests.conformance.saga.reference import Reference
from tests.conformance.saga.trace import difference

FAULTS: dict[str, tuple[Fate, ...]] = {
    "fails once": (FAIL, SUCCEED),
    "fails for good": (FAIL,),
    "crashes twice": (CRASH, CRASH, SUCCEED),
    "crashes for good": (CRASH,),
    "answers late": (STALL, SUCCEED),
    "says no": (refuse(),),
    "crashes, then says no": (CRASH, refuse()),
}


def impatient(saga: Saga) -> Saga:
    """The same saga with the shortest timeouts, so that an attempt which is late is late soon."""
    document = json.loads(re.sub(r'"(end_timeout|timeout)_seconds":\d+', r'"\1_seconds":1', to_json(saga).decode()))
    return from_document(document)


def _cases() -> Iterator[ParameterSet]:
    for what, fault in FAULTS.items():
        for step in ORDER_SAGA.steps():
            yield pytest.param({(Phase.DO, step.name): fault}, id=f"{step.name} {what}")
            if step.compensation:
                fates = {(Phase.DO, "complete-order"): (refuse(),), (Phase.UNDO, step.name): fault}
                yield pytest.param(fates, id=f"{step.compensation.task} {what}")
        yield pytest.param({(Phase.DO, "validate-order"): (refuse(),), (Phase.END, "end"): fault}, id=f"end {what}")
    yield pytest.param({}, id="nothing fails")


@pytest.mark.parametrize("fates", list(_cases()))
def test_every_step_with_every_fault(engine: Engine, fates: dict[CallName, tuple[Fate, ...]]) -> None:
    case = Case(saga=impatient(ORDER_SAGA), fates=fates, starts=2, kills=(3, 6))
    found = difference(engine.run(case), Reference().run(case))
    assert not found, found
