"""A task is performed for the workflow's app alone; how it answers is in test_posted_calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.system import TASKS
from functions.api.problems import ProblemError
from functions.entrypoints.azure.handlers import MODULES
from functions.entrypoints.azure.tasks import answered
from functions.services.saga_tasks import SagaCall, Tasks
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


def nobody_asks() -> Tasks:
    raise AssertionError("the tasks were asked for")


def test_a_task_gets_what_the_workflow_sent() -> None:
    seen: list[SagaCall] = []
    response = answered(lambda: {"reserve-inventory": seen.append}, posted(json.dumps(CALL).encode()), ENVIRONMENT)
    assert json.loads(response.body) == {"code": None, "message": "", "result": ""}
    assert seen == [SagaCall(key=f"{ORDER_ID}:reserve", tenant="acme", order_id=ORDER_ID)]


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
