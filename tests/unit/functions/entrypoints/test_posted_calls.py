"""A posted call of a task is answered in the saga's form, whatever it is, or raises what may come again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.messages import Request
from functions.api.problems import ProblemError
from functions.domain.errors import OutOfStockError, VersionConflictError
from functions.entrypoints.posted_calls import answer_posted
from functions.services.saga_tasks import SagaCall, Task, Tasks

ORDER_ID = "ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"
CALL: Mapping[str, Any] = {
    "task": "reserve-inventory",
    "run_id": ORDER_ID,
    "key": f"{ORDER_ID}:reserve",
    "attempt": 1,
    "data": {"order_id": ORDER_ID, "tenant": "acme"},
}
"""As the workflow writes it."""


def posted(body: bytes, *, method: str = "POST") -> Request:
    return Request(method=method, path="/", headers={"content-type": "application/json"}, body=body)


def answer(task: Task, body: bytes | None = None) -> dict[str, Any]:
    response = answer_posted(
        lambda: {"reserve-inventory": task}, posted(json.dumps(CALL).encode() if body is None else body)
    )
    assert (response.status, response.headers) == (200, {"Content-Type": "application/json"})
    decoded: dict[str, Any] = json.loads(response.body)
    return decoded


def refusing(error: Exception) -> Task:
    def task(call: SagaCall) -> None:
        raise error

    return task


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


def nobody_asks() -> Tasks:
    raise AssertionError("the tasks were asked for")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_a_post_is_a_call(method: str) -> None:
    with pytest.raises(ProblemError) as refused:
        answer_posted(nobody_asks, posted(b"", method=method))
    assert (refused.value.type.status, refused.value.headers) == (405, {"Allow": "POST"})
