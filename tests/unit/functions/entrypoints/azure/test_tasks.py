"""A task answers the workflow's app in the saga's form, whatever it is called with, or raises what may come again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.system import TASKS
from functions.api.problems import ProblemError
from functions.domain.errors import OutOfStockError, VersionConflictError
from functions.entrypoints.azure.handlers import MODULES
from functions.entrypoints.azure.tasks import answered
from functions.services.saga_tasks import SagaCall, Task, Tasks
from tests.unit.functions.entrypoints.azure.calls import ENVIRONMENT, posted

ORDER_ID = "ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"
CALL: Mapping[str, Any] = {
    "task": "reserve-inventory",
    "run_id": ORDER_ID,
    "key": f"{ORDER_ID}:reserve",
    "attempt": 1,
    "data": {"order_id": ORDER_ID, "tenant": "acme"},
}
"""As the orchestrator writes it."""


def answer(task: Task, body: bytes | None = None) -> dict[str, Any]:
    request = posted(json.dumps(CALL).encode() if body is None else body)
    response = answered(lambda: {"reserve-inventory": task}, request, ENVIRONMENT)
    assert (response.status, response.headers) == (200, {"Content-Type": "application/json"})
    decoded: dict[str, Any] = json.loads(response.body)
    return decoded


def refusing(error: Exception) -> Task:
    def task(call: SagaCall) -> None:
        raise error

    return task


def nobody_asks() -> Tasks:
    raise AssertionError("the tasks were asked for")


def test_a_task_gets_what_the_workflow_sent() -> None:
    seen: list[SagaCall] = []
    assert answer(lambda call: seen.append(call)) == {"code": None, "message": "", "result": ""}
    assert seen == [SagaCall(key=f"{ORDER_ID}:reserve", tenant="acme", order_id=ORDER_ID)]


def test_a_result_is_answered_for_the_sagas_choices() -> None:
    assert answer(lambda _: "partial")["result"] == "partial"


def test_a_no_is_an_answer_and_no_fault() -> None:
    answered = answer(refusing(OutOfStockError("no TEAPOT left")))
    assert answered == {"code": "out-of-stock", "message": "no TEAPOT left", "result": ""}


def test_what_may_come_again_is_raised() -> None:
    with pytest.raises(VersionConflictError):
        answer(refusing(VersionConflictError("somebody else was first")))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
        b"{}",
        b"1" * 5000,
        json.dumps({**CALL, "data": {}}).encode(),
    ],
)
def test_what_is_no_call_is_a_no_and_does_nothing(body: bytes) -> None:
    assert answer(refusing(RuntimeError("it was performed")), body)["code"] == "malformed"


@given(st.binary())
def test_whatever_is_posted_is_answered(body: bytes) -> None:
    assert answer(lambda _: None, body)["code"] == "malformed"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_a_post_is_a_call(method: str) -> None:
    with pytest.raises(ProblemError) as refused:
        answered(nobody_asks, posted(b"", method=method), ENVIRONMENT)
    assert (refused.value.type.status, refused.value.headers) == (405, {"Allow": "POST"})


@pytest.mark.parametrize("caller", [None, "", "4f3c1d2e-0000-4000-8000-00000000000c"])
def test_nobody_but_the_workflow_has_a_task_performed(caller: str | None) -> None:
    with pytest.raises(ProblemError) as refused:
        answered(nobody_asks, posted(json.dumps(CALL).encode(), caller=caller), ENVIRONMENT)
    assert refused.value.type.status == 403


def test_every_task_of_the_saga_has_a_function_on_azure() -> None:
    assert {function.replace("-", "_") for function in TASKS} <= set(MODULES)
