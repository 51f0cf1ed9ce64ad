"""A task answers the state machine in its own form, or raises what may come again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from components.saga.order import ORDER_SAGA
from components.system import TASKS
from functions.domain.errors import OutOfStockError, VersionConflictError
from functions.entrypoints.aws.tasks import answer
from functions.entrypoints.task_calls import MAX_MESSAGE_CHARACTERS
from functions.services.saga_tasks import Failure, SagaCall

ORDER_ID = "ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"


def call(**changed: object) -> dict[str, Any]:
    """As components/saga/asl.py writes it."""
    return {
        "task": "reserve-inventory",
        "run_id": ORDER_ID,
        "key": f"{ORDER_ID}:reserve",
        "attempt": 1,
        "data": {"order_id": ORDER_ID, "tenant": "acme"},
        **changed,
    }


@dataclass
class Inventory:
    outcome: Exception | str | None = None
    seen: list[SagaCall] = field(default_factory=list)

    def __call__(self, saga_call: SagaCall) -> str | None:
        self.seen.append(saga_call)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def answer(self, event: object) -> Mapping[str, str | None]:
        return answer({"reserve-inventory": self}, event)


def test_a_task_gets_what_the_state_machine_sent() -> None:
    task = Inventory()
    assert task.answer(call()) == {"code": None, "message": "", "result": ""}
    assert task.seen == [SagaCall(key=f"{ORDER_ID}:reserve", tenant="acme", order_id=ORDER_ID)]


def test_a_result_is_answered_for_the_sagas_choices() -> None:
    assert Inventory("partial").answer(call()) == {"code": None, "message": "", "result": "partial"}


def test_the_record_of_the_end_is_told_why_and_what_is_not_undone() -> None:
    task = Inventory()
    failure = {"step": "payment", "code": "payment-declined", "message": "no"}
    task.answer(call(failure=failure, uncompensated=["inventory"]))
    (seen,) = task.seen
    assert seen.failure == Failure(step="payment", code="payment-declined", message="no")
    assert seen.uncompensated == ("inventory",)


def test_a_no_is_an_answer() -> None:
    answered = Inventory(OutOfStockError("no TEAPOT left")).answer(call())
    assert answered == {"code": "out-of-stock", "message": "no TEAPOT left", "result": ""}


def test_a_long_message_is_cut_and_always_text_that_json_has() -> None:
    answered = Inventory(OutOfStockError("\ud800" + "x" * 5000)).answer(call())
    assert answered["message"] == "?" + "x" * (MAX_MESSAGE_CHARACTERS - 1)


def test_what_may_come_again_is_raised() -> None:
    with pytest.raises(VersionConflictError):
        Inventory(VersionConflictError("somebody else was first")).answer(call())


def test_a_task_of_another_function_is_a_no() -> None:
    assert Inventory().answer(call(task="refund-payment"))["code"] == "unknown-task"


@pytest.mark.parametrize(
    "event",
    [
        None,
        [],
        {},
        call(task=None),
        call(data={}),
        call(data={"order_id": 7, "tenant": "acme"}),
        call(attempt="1"),
        call(failure="payment"),
        call(uncompensated="inventory"),
    ],
)
def test_what_is_no_call_is_a_no_and_does_nothing(event: object) -> None:
    task = Inventory()
    assert task.answer(event)["code"] == "malformed"
    assert task.seen == []


def test_every_task_of_the_saga_has_a_function_on_aws() -> None:
    from functions.entrypoints.aws.handlers import MODULES

    assert {function.replace("-", "_") for function in TASKS} <= set(MODULES)
    assert {task for tasks in TASKS.values() for task in tasks} == ORDER_SAGA.tasks()
