from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from components.saga.definition import Case, Choice, Compensation, Parallel, Retry, Saga, SagaError, Step
from components.saga.durable import compile_durable
from components.saga.order import ORDER_SAGA

ONCE = {"attempts": 1, "interval_seconds": 2, "factor": 2, "cap_seconds": 60}
TENFOLD = {"attempts": 10, "interval_seconds": 2, "factor": 2, "cap_seconds": 60}


UNDO_A = Compensation(task="undo-a", timeout_seconds=7)


def step(name: str) -> Step:
    return Step(name=name, task=f"do-{name}", timeout_seconds=30)


def compiled(*nodes: Step | Parallel | Choice) -> dict[str, object]:
    saga = Saga(name="small", nodes=nodes, on_rejected="reject", on_failed="fail", end_timeout_seconds=5)
    document: dict[str, object] = json.loads(compile_durable(saga))
    return document


def written(name: str) -> dict[str, object]:
    return {"name": name, "task": f"do-{name}", "timeout_seconds": 30, "retry": ONCE, "rejects": False}


def test_it_has_everything_that_the_orchestrator_needs() -> None:
    retry = Retry(attempts=3, interval_seconds=4, factor=1.5, cap_seconds=9)
    first = Step(name="a", task="do-a", timeout_seconds=30, retry=retry, compensation=UNDO_A, rejects=True)
    fork = Choice(name="fork", of="a", cases=(Case(result="left", steps=(step("b"),)),), otherwise=(step("c"),))
    assert compiled(first, fork) == {
        "version": 1,
        "saga": "small",
        "forward": [
            {"step": {**written("a"), "retry": asdict(retry), "rejects": True}},
            {"choice": {"name": "fork", "of": "a", "cases": {"left": [written("b")]}, "otherwise": [written("c")]}},
        ],
        "backward": [{"step": "a", "task": "undo-a", "timeout_seconds": 7, "retry": TENFOLD}],
        "end": {
            "rejected": {"task": "reject", "timeout_seconds": 5, "retry": TENFOLD},
            "failed": {"task": "fail", "timeout_seconds": 5, "retry": TENFOLD},
        },
    }


def test_branches_stand_in_the_order_of_the_definition() -> None:
    both = Parallel(name="both", branches=((step("a"), step("b")), (step("c"),)))
    assert compiled(both)["forward"] == [
        {"parallel": {"name": "both", "branches": [[written("a"), written("b")], [written("c")]]}}
    ]


def test_compensations_stand_in_the_order_in_which_they_run() -> None:
    definition = json.loads(compile_durable(ORDER_SAGA))
    assert [undo["step"] for undo in definition["backward"]] == [
        "notify-warehouse",
        "commit-inventory",
        "process-payment",
        "reserve-inventory",
    ]


def test_the_same_saga_gives_the_same_text() -> None:
    def of(factor: float) -> str:
        retry = Retry(attempts=2, factor=factor)
        node = Step(name="a", task="a", timeout_seconds=30, retry=retry)
        return compile_durable(Saga(name="small", nodes=(node,), on_rejected="reject", on_failed="fail"))

    assert of(2) == of(2.0)
    assert of(2) != of(2.5)
    assert '"factor": 2,\n' in of(2.0)


def test_it_reads_from_the_beginning_to_the_end() -> None:
    definition = json.loads(compile_durable(ORDER_SAGA))
    assert list(definition) == ["version", "saga", "forward", "backward", "end"]
    assert compile_durable(ORDER_SAGA).startswith('{\n  "version": 1,\n  "saga": "order",\n')


def test_a_parallel_whose_branches_would_have_too_long_ids_is_refused_by_name() -> None:
    def named(length: int) -> Parallel:
        return Parallel(name="p" * length, branches=((step("a"),), (step("b"),)))

    compiled(named(61))
    with pytest.raises(
        SagaError, match=r"the name of parallel p{62} has 62 characters; allowed are 61, .*: shorten it"
    ):
        compiled(named(62))
