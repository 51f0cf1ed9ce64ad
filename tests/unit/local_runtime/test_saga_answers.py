"""What a task gets and what it leaves: nothing that one task does wrong reaches another task or another run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest

from components.saga.decider import FAULT
from components.saga.order import ORDER_SAGA
from local_runtime.client import TaskCall, TaskOutcome
from local_runtime.saga_calls import MAX_MESSAGE_CHARACTERS
from local_runtime.store import Store
from tests.unit.local_runtime.fakes import eventually
from tests.unit.local_runtime.saga_runs import Performer, executor, failure, run_to_end, running, status

TOO_LONG = "x" * 64
NO_CODES: tuple[object, ...] = (0, 7, False, [], {}, "", "No Name", "no\n", TOO_LONG, "\udcff")
NO_RESULTS: tuple[object, ...] = (None, 0, 5, False, [], {}, "No Name", TOO_LONG)
NO_MESSAGES: tuple[object, ...] = (None, 0, [], b"text")


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("this error cannot be shown")


class EmptyError(Exception):
    """Falsy, as an error that is a collection of errors may be."""

    def __len__(self) -> int:
        return 0


class Quit(BaseException):
    """Like SystemExit, which pytest would obey."""


class Secretive:
    def __repr__(self) -> str:
        raise Quit


class Unfinished(TaskOutcome):
    """Its code is made when it is asked for, which fails."""

    def __getattribute__(self, name: str) -> object:
        if name == "code":
            raise KeyError(name)
        return super().__getattribute__(name)


def outcome(**fields: object) -> TaskOutcome:
    """Nobody checks types when a task is performed."""
    return TaskOutcome(**cast("dict[str, Any]", fields))


def leaving(make: Callable[[], object]) -> TaskOutcome:
    """What is made is returned, or raised if it is an error; pytest never gets to show it."""
    made = make()
    if isinstance(made, Exception):
        raise made
    return cast(TaskOutcome, made)


def fault_beside_another_run(store: Store, make: Callable[[], object]) -> str:
    """The message of the fault; a run that begins later goes through all of its steps."""
    answers = {"ord_1": make, "ord_2": TaskOutcome}
    saga_executor = executor(store, Performer({"validate-order": lambda call: leaving(answers[call.run_id])}))
    with running(saga_executor):
        for run_id in answers:
            saga_executor.start(run_id, {})
        eventually(lambda: status(saga_executor, "ord_2") == "succeeded", "the other run ends")
        eventually(lambda: status(saga_executor) == "failed", "the run with the fault ends")
    assert failure(saga_executor).code == FAULT
    return failure(saga_executor).message


@pytest.mark.parametrize(
    "answer",
    [
        *(outcome(code=code) for code in NO_CODES),
        *(outcome(result=result) for result in NO_RESULTS),
        *(outcome(message=message) for message in NO_MESSAGES),
        *(outcome(code="declined", result=None), outcome(code="declined", message=None)),
        *("fine", None, {"code": None, "message": "", "result": ""}),
    ],
    ids=ascii,
)
def test_what_is_no_answer_is_a_fault_that_says_what_one_is_and_stops_no_other_run(
    store: Store, answer: object
) -> None:
    message = fault_beside_another_run(store, lambda: answer)
    assert message.startswith("a task has to return a TaskOutcome with a text as its message and a name as its code")
    assert message.endswith(f"this one returned {answer!r}".encode(errors="replace").decode())


@pytest.mark.parametrize("make", [UnspeakableError, Secretive, Unfinished])
def test_what_cannot_be_read_is_a_fault_that_names_its_type_and_stops_no_other_run(
    store: Store, make: type[object]
) -> None:
    assert fault_beside_another_run(store, make) == f"the task left a {make.__name__} that cannot be read"


def test_an_error_that_is_falsy_is_a_fault(store: Store) -> None:
    assert fault_beside_another_run(store, lambda: EmptyError("no one")) == "EmptyError: no one"


@pytest.mark.parametrize("answer", [outcome(code="declined", message="\udcff"), ValueError("\udcff")])
def test_what_cannot_be_stored_of_a_message_is_replaced(store: Store, answer: object) -> None:
    assert message_of(store, answer).endswith("?")


def test_a_message_is_cut_to_what_every_target_takes(store: Store) -> None:
    assert message_of(store, outcome(code="declined", message="x" * 5000)) == "x" * MAX_MESSAGE_CHARACTERS
    assert MAX_MESSAGE_CHARACTERS == 1000


def message_of(store: Store, answer: object) -> str:
    """With which a run ends as failed."""
    saga_executor = executor(store, Performer({"process-payment": lambda _: leaving(lambda: answer)}))
    assert run_to_end(saga_executor) == "failed"
    return failure(saga_executor).message


def test_a_task_that_changes_its_data_changes_it_for_no_other_call(store: Store) -> None:
    """Neither for its own next attempt, other steps and branches, a compensation, nor for the record of the end."""
    started_with = {"order_id": "ord_1", "lines": [{"sku": "a", "tags": ["new"]}], "address": {"city": "Ulm"}}
    seen: list[tuple[str, str]] = []

    def spoil(call: TaskCall) -> TaskOutcome:
        seen.append((call.task, json.dumps(call.data)))
        change(call.data)
        if call.task == "process-payment" and call.attempt == 1:
            raise ConnectionError("try again")
        return TaskOutcome(code="declined" if call.task == "notify-warehouse" else None)

    saga_executor = executor(store, Performer(dict.fromkeys(ORDER_SAGA.tasks(), spoil)))
    with running(saga_executor):
        saga_executor.start("ord_1", started_with)
        eventually(lambda: status(saga_executor) == "failed", "the run ends")
    assert [task for task, _ in seen].count("process-payment") == 2
    assert {"commit-inventory", "send-confirmation", "restock", "fail-order"} <= {task for task, _ in seen}
    assert {data for _, data in seen} == {json.dumps(started_with)}


def change(data: Mapping[str, object]) -> None:
    changed = cast("dict[str, Any]", data)
    changed["order_id"] = "another"
    changed["lines"][0]["tags"].append("spoilt")
    changed["lines"].append({})
    changed["address"].clear()
