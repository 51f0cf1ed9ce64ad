"""The source of a workflow, as far as it can be told without running it; tests/conformance/saga runs it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from components.saga._workflows_source import refuse_over_limits, written
from components.saga.definition import Case, Choice, Compensation, Parallel, Retry, Saga, SagaError, Step
from components.saga.order import ORDER_SAGA
from components.saga.workflows import compile_workflow
from tests.conformance.saga.strategies import sagas


def services(saga: Saga) -> dict[str, str]:
    return {task: f"https://{task}.example.run.app" for task in saga.tasks()}


def compiled(saga: Saga) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(compile_workflow(saga, services(saga)))
    return document


def one_step(**fields: Any) -> Saga:  # noqa: ANN401 -- any field of a step
    step = replace(Step(name="a", task="do-a", timeout_seconds=7), **fields)
    return Saga(name="one", nodes=(step,), on_rejected="reject", on_failed="fail")


def blocks(value: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every step of a workflow under its name, the nested ones too."""
    if isinstance(value, list):
        for item in value:
            yield from blocks(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if isinstance(item, dict) and {"call", "switch", "assign", "parallel", "return", "steps"} & item.keys():
                yield key, item
            yield from blocks(item)


def named(saga: Saga, name: str) -> Mapping[str, Any]:
    return dict(blocks(compiled(saga)["main"]["steps"]))[name]


@given(sagas())
def test_the_same_saga_gives_the_same_bytes(saga: Saga) -> None:
    source = compile_workflow(saga, services(saga))
    assert compile_workflow(replace(saga), dict(reversed(services(saga).items()))) == source
    assert json.loads(source)


def test_numbers_are_written_the_same_however_they_were_given() -> None:
    whole = one_step(timeout_seconds=7, retry=Retry(attempts=3))
    with_points = one_step(timeout_seconds=7.0, retry=Retry(attempts=3.0, interval_seconds=2.0))  # type: ignore[arg-type]
    assert compile_workflow(whole, services(whole)) == compile_workflow(with_points, services(with_points))


def test_a_step_says_whom_it_calls_with_what_and_for_how_long() -> None:
    assert named(ORDER_SAGA, "do_process_payment") == {
        "call": "perform",
        "args": {
            "step": "process-payment",
            "rejects": False,
            "answer": {"given": False, "code": None},
            "url": "https://process-payment.example.run.app",
            "body": {
                "task": "process-payment",
                "run_id": "${input.run_id}",
                "key": '${input.run_id + ":process-payment"}',
                "data": "${input.data}",
                "attempt": 1,
            },
            "timeout_seconds": 30,
            "waits_seconds": [2, 4],
        },
        "result": "did_process_payment",
    }


@pytest.mark.parametrize(
    ("retry", "waits"),
    [
        (Retry(attempts=1), []),
        (Retry(attempts=2, interval_seconds=9), [9]),
        (Retry(attempts=5, interval_seconds=2, factor=3, cap_seconds=10), [2, 6, 10, 10]),
        (Retry(attempts=3, interval_seconds=600, cap_seconds=5), [5, 5]),
        (Retry(attempts=3, interval_seconds=3, factor=1.5), [3, 5]),
    ],
)
def test_there_is_a_wait_before_each_attempt_but_the_first(retry: Retry, waits: list[int]) -> None:
    saga = one_step(retry=retry, compensation=Compensation(task="undo-a", timeout_seconds=8, retry=retry))
    for name in ("do_a", "undo_a"):
        assert named(saga, name)["args"]["waits_seconds"] == waits


def test_every_service_that_is_called_is_the_audience_of_its_token() -> None:
    assert dict(blocks(compiled(ORDER_SAGA)["perform"]))["post"]["args"] == {
        "url": "${url}",
        "auth": {"type": "OIDC", "audience": "${url}"},
        "timeout": "${timeout_seconds}",
        "body": "${body}",
    }


def test_a_branch_writes_only_variables_of_its_own() -> None:
    parallel = named(ORDER_SAGA, "do_fulfilment")["parallel"]
    written_in = [
        [block["result"] for _, block in blocks(branch) if "result" in block] for branch in parallel["branches"]
    ]
    assert [name for names in written_in for name in names] == parallel["shared"]


def test_an_arm_with_no_step_goes_past_the_choice() -> None:
    steps = [Step(name=name, task=f"do-{name}", timeout_seconds=1) for name in ("a", "b", "c")]
    arms = (Case(result="yes", steps=(steps[1],)), Case(result="no", steps=()))
    choice = Choice(name="fork", of="a", cases=arms, otherwise=(steps[2],))
    saga = Saga(name="s", nodes=(steps[0], choice), on_rejected="reject", on_failed="fail")
    conditions = named(saga, "do_fork")["switch"]
    assert [each["condition"] for each in conditions] == ['${did_a.result == "yes"}', '${did_a.result == "no"}', True]
    assert [each.get("next") for each in conditions] == [None, "check_fork", None]


@given(sagas())
def test_names_are_used_once(saga: Saga) -> None:
    """Workflows wants the name of a step once in a workflow, whatever block it is in."""
    for workflow in compiled(saga).values():
        names = [name for name, _ in blocks(workflow["steps"]) if name not in ("try", "parallel", "for", "except")]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (None, "saga one: no service performs do-a; name the URL of the one that does"),
        ("http://a.run.app", "saga one: the service of do-a is 'http://a.run.app'; it has to be"),
        ("https://a.run.app/", "'https://a.run.app/'; it has to be the URL of a service, https://host without a path"),
        ("https://${input.data}", "it has to be the URL of a service"),
        ("https://a.run.app\n", "it has to be the URL of a service"),
    ],
)
def test_a_task_without_a_service_is_refused(url: str | None, message: str) -> None:
    saga = one_step()
    urls = services(saga) | {"do-a": url} if url else {"reject": "https://r.run.app", "fail": "https://f.run.app"}
    with pytest.raises(SagaError) as refused:
        compile_workflow(saga, urls)
    assert message in str(refused.value)


def large(name: str) -> Saga:
    """As many steps and attempts as there can be, in as many branches as there can be."""
    retry = Retry(attempts=20, interval_seconds=600, cap_seconds=3600)
    steps = tuple(
        Step(
            name=f"{name}-{number}",
            task=f"{name}-{number}",
            timeout_seconds=300,
            retry=retry,
            compensation=Compensation(task=f"{name}-{number}", timeout_seconds=300, retry=retry),
        )
        for number in range(40)
    )
    branches = tuple(steps[number::10] for number in range(10))
    return Saga(name="large", nodes=(Parallel(name="p", branches=branches),), on_rejected="reject", on_failed="fail")


def test_the_largest_saga_fits_unless_its_names_are_long() -> None:
    fits = large("name-of-thirty-letters-or-less")
    assert compile_workflow(fits, services(fits))
    long = large("name-" * 12)
    with pytest.raises(SagaError, match=r"saga large has \d+ bytes of source; Workflows allows 131072: split the saga"):
        compile_workflow(long, services(long))


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"assign": [{"a": 1}] * 51}, "51 assignments in a step; Workflows allows 50"),
        ({"switch": [{"condition": True, "next": "end"}] * 51}, "51 conditions in a switch; Workflows allows 50"),
        (
            {"parallel": {"branches": [{"b": {"steps": []}}] * 11}},
            "11 branches in a parallel step; Workflows allows 10",
        ),
        ({"return": "${" + "a" * 398 + "}"}, "401 characters in an expression; Workflows allows 400"),
        ({"return": "a" * 262_145}, "262145 bytes in a string; Workflows allows 262144"),
        (
            {"parallel": {"for": {"steps": [{"b": {"parallel": {"for": {"steps": [{"c": {"parallel": {}}}]}}}}]}}},
            "3 parallel steps in each other; Workflows allows 2",
        ),
    ],
)
def test_what_is_over_a_limit_of_workflows_is_refused(block: dict[str, Any], message: str) -> None:
    document = {"main": {"params": ["input"], "steps": [{"do_a": {"assign": [{"a": 1}]}}, {"do_b": block}]}}
    with pytest.raises(SagaError) as refused:
        refuse_over_limits("s", document, "")
    assert str(refused.value).startswith("saga s: ")
    assert message in str(refused.value)
    assert "parallel" in block or "do_b has" in str(refused.value)


def test_a_subworkflow_with_more_than_ten_parameters_is_refused() -> None:
    document = {"sub": {"params": list("abcdefghijk"), "steps": []}}
    with pytest.raises(SagaError, match="saga s: sub has 11 parameters of a subworkflow; Workflows allows 10"):
        refuse_over_limits("s", document, "")


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"a": [1, {"b": None}], "c": {}},
        lambda: ["x" * 60, "y" * 55],
        lambda: [["x" * 70], {"y" * 50: "z" * 50}],
    ],
)
def test_what_is_written_is_json_of_short_lines(make: Callable[[], object]) -> None:
    text = written(make())
    assert json.loads(text) == make()
    assert max(map(len, text.splitlines())) <= 120
