"""A saga as JSON: nothing is lost, nothing unknown comes in."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from components.saga.definition import Saga, SagaError
from components.saga.json import from_document, from_json, to_document, to_json
from components.saga.order import ORDER_SAGA
from tests.conformance.saga.strategies import sagas


@given(sagas())
def test_a_saga_survives_the_way_there_and_back(saga: Saga) -> None:
    assert from_json(to_json(saga)) == saga


def test_the_same_saga_gives_the_same_bytes_however_its_numbers_were_written() -> None:
    shuffled = json.dumps(dict(reversed(to_document(ORDER_SAGA).items()))).replace('"factor": 2', '"factor": 2.0')
    assert to_json(from_json(shuffled)) == to_json(ORDER_SAGA)


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(to_document(ORDER_SAGA))
    change(document)
    return document


CASE = {"result": "fine", "steps": []}
LAST = {"name": "last", "task": "last", "timeout_seconds": 1}


def choice(**changes: object) -> dict[str, Any]:
    fork = {"name": "fork", "of": "validate-order", "cases": [CASE], "otherwise": [LAST]}
    return {"choice": fork | changes}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(catch=[]), "saga has catch, which no target is sure to do"),
        (lambda d: d.pop("on_failed"), "saga has no on_failed"),
        (lambda d: d["nodes"].append({"loop": {}}), r"saga.nodes\[5\] is loop; a node is"),
        (lambda d: d["nodes"].append({"choice": {}}), r"saga.nodes\[5\].choice has no cases, which it needs"),
        (lambda d: d["nodes"].append(choice(of="nobody")), "asks for the result of nobody, which is no step before it"),
        (
            lambda d: d["nodes"].append(choice(of="restock")),
            r"\(a step of a parallel or of a choice cannot be asked\)",
        ),
        (lambda d: d["nodes"].insert(0, choice()), "result of validate-order, which is no step before it"),
        (lambda d: d["nodes"].append(choice(cases=[])), "cases of fork is 0; allowed is 1 to 10"),
        (lambda d: d["nodes"].append(choice(otherwise=[])), "choice fork has no step in any of its arms"),
        (lambda d: d["nodes"].append(choice(cases=[CASE, CASE])), "the result fine is used twice"),
        (lambda d: d["nodes"].append(choice(cases=[{"result": "${x}", "steps": []}])), r"'\${x}' is no name"),
        (lambda d: d.update(on_failed="Fail!"), "'Fail!' is no name"),
        (lambda d: d["nodes"][0]["step"]["retry"].update(interval_seconds=0), "interval_seconds is 0; allowed is 1"),
        (lambda d: d["nodes"][0]["step"]["retry"].update(interval_seconds=0.5), "is 0.5; it has to be a whole number"),
        (lambda d: d["nodes"][0]["step"].pop("timeout_seconds"), "step has no timeout_seconds, which it needs"),
        (
            lambda d: d["nodes"][1]["step"]["compensation"].pop("timeout_seconds"),
            "compensation has no timeout_seconds, which it needs",
        ),
        (lambda d: d["nodes"][0]["step"].update(name="a" * 64), "is no name; allowed are at most 63"),
        (lambda d: d.update(end_timeout_seconds=10**400), "saga.end_timeout_seconds is beyond 1,000,000"),
        (lambda d: d["nodes"][0]["step"]["retry"].update(factor=10**400), "factor is beyond 1,000,000"),
        (lambda d: d.update(end_timeout_seconds=0), "end_timeout_seconds is 0; allowed is 1 to 300"),
        (lambda d: d["nodes"].append("wait"), r'saga.nodes\[5\] is "wait"; a node is'),
        (lambda d: d["nodes"][0]["step"].update(catch={}), r"saga.nodes\[0\].step has catch"),
        (lambda d: d["nodes"][0]["step"].update(rejects="yes"), r'step.rejects is "yes"; it has to be true or false'),
        (lambda d: d["nodes"][0]["step"].update(name=""), r'step.name is ""; it has to be a name'),
        (lambda d: d["nodes"][0]["step"]["retry"].update(attempts=2.5), r"attempts is 2.5; it has to be a whole"),
        (lambda d: d["nodes"][0]["step"]["retry"].update(attempts=99), r"step.retry: attempts is 99; allowed is 1"),
        (lambda d: d["nodes"][0]["step"].update(timeout_seconds=True), "is true; it has to be a number"),
        (lambda d: d["nodes"][3]["parallel"].update(branches={}), "branches is an object; it has to be a list"),
        (lambda d: d["nodes"][0]["step"].update(name="complete-order"), "complete-order is used twice"),
        (lambda d: d["nodes"][0]["step"].update(name="end"), "no step can be named end"),
        (
            lambda d: d["nodes"][0]["step"].update(name="validate:undo"),
            "'validate:undo' is no name; allowed are at most",
        ),
        (lambda d: d["nodes"][3]["parallel"]["branches"].append([]), "parallel fulfilment has a branch without a step"),
        (
            lambda d: d["nodes"][1]["step"]["compensation"].update(timeout_seconds=-5),
            "timeout_seconds is -5; allowed is 1",
        ),
        (lambda d: d["nodes"][0]["step"]["retry"].update(attempts=float("inf")), "attempts is beyond 1,000,000"),
        (lambda d: d["nodes"][1]["step"].update(compensation="undo"), 'compensation is "undo"; it has to be an object'),
    ],
)
def test_what_is_not_a_saga_is_refused_by_name(change: Callable[[dict[str, Any]], object], message: str) -> None:
    with pytest.raises(SagaError, match=message):
        from_document(changed(change))


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(SagaError, match="the saga is not JSON"):
        from_json(text)
