"""A task's app is called as the workflow, within the saga's own bounds, and what it says comes back as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from components.saga.durable import compile_durable
from components.saga.order import ORDER_SAGA
from functions.adapters.http.client import AddressError, UnreachableError
from functions.entrypoints.azure.task_client import TaskClient, TaskFailedError, longest_timeout
from tests.azure.loopback import Loopback
from tests.azure.serving import Answer, answer

CALL: dict[str, Any] = {
    "task": "reserve-inventory",
    "run_id": "ord_1",
    "key": "ord_1:reserve",
    "attempt": 1,
    "data": {"order_id": "ord_1", "tenant": "acme"},
}
DONE = {"code": None, "message": "", "result": ""}


@pytest.fixture
def answers() -> list[Answer | None]:
    """What the app answers, one after another; None hangs up."""
    return []


@pytest.fixture
def app(answers: list[Answer | None]) -> Iterator[Loopback]:
    with Loopback(lambda _: answers.pop(0)) as loopback:
        yield loopback


def client(app: Loopback) -> TaskClient:
    addresses = {"reserve-inventory": f"{app.url}/task", "process-payment": f"{app.url}/other"}
    return TaskClient(addresses=addresses, token=lambda: "a-token", read_seconds=5)


def test_a_call_goes_to_the_tasks_own_app_with_a_token_and_the_trace(
    app: Loopback, answers: list[Answer | None]
) -> None:
    answers.append(answer(200, DONE))
    assert client(app).perform(CALL, traceparent="00-a-b-01") == DONE
    (asked,) = app.asked
    assert (asked.method, asked.path, json.loads(asked.body)) == ("POST", "/task", CALL)
    assert (asked.headers["authorization"], asked.headers["traceparent"]) == ("Bearer a-token", "00-a-b-01")
    assert asked.headers["content-type"] == "application/json"


def test_a_no_and_whatever_else_is_json_comes_back_as_it_is(app: Loopback, answers: list[Answer | None]) -> None:
    no = {"code": "out-of-stock", "message": "no TEAPOT left", "result": ""}
    answers += [answer(200, no), answer(200, ["done"])]
    assert [client(app).perform(CALL) for _ in range(2)] == [no, ["done"]]


@pytest.mark.parametrize("status", [201, 204, 400, 401, 403, 404, 405, 429, 500, 503])
def test_any_other_status_is_a_fault_which_the_saga_tries_again(
    status: int, app: Loopback, answers: list[Answer | None]
) -> None:
    answers.append(answer(status, DONE))
    with pytest.raises(TaskFailedError, match=f"127.0.0.1 answered {status} for reserve-inventory"):
        client(app).perform(CALL)
    assert len(app.asked) == 1, "it is the saga that counts the attempts"


@pytest.mark.parametrize("body", [b"", b"no json", b"\xff", b"[" * 50_000])
def test_what_is_no_json_is_a_fault(body: bytes, app: Loopback, answers: list[Answer | None]) -> None:
    answers.append(Answer(status=200, body=body))
    with pytest.raises(TaskFailedError, match="with no JSON"):
        client(app).perform(CALL)


@pytest.mark.parametrize("answered", [None, Answer(status=302, headers={"Location": "https://elsewhere.example"})])
def test_no_answer_and_a_redirect_are_faults(
    answered: Answer | None, app: Loopback, answers: list[Answer | None]
) -> None:
    answers.append(answered)
    with pytest.raises(UnreachableError):
        client(app).perform(CALL)


@pytest.mark.parametrize("task", ["ship-it", "", None, 7])
def test_a_task_of_no_app_is_a_fault_and_nobody_is_called(task: object, app: Loopback) -> None:
    with pytest.raises(TaskFailedError, match="no app performs"):
        client(app).perform({**CALL, "task": task})
    assert app.asked == []


def test_a_token_is_sent_nowhere_in_the_clear() -> None:
    with pytest.raises(AddressError):
        TaskClient(addresses={"t": "http://orders.example"}, token=lambda: "a", read_seconds=1).perform({"task": "t"})


def test_nobody_waits_longer_than_the_saga_does() -> None:
    assert longest_timeout(json.loads(compile_durable(ORDER_SAGA))) == 30
    assert (
        longest_timeout({"forward": [{"step": {"timeout_seconds": 5}}], "end": {"failed": {"timeout_seconds": 9}}}) == 9
    )
