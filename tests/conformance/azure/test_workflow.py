"""Starts of the workflow, each guarded by an item."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from components.saga.definition import SagaError
from functions.adapters.azure import layout
from functions.adapters.azure.rest import RefusedError
from functions.adapters.azure.workflow import LEASE, GuardedWorkflow
from functions.domain.errors import RetryableError
from tests.conformance.azure_target import AzureTarget
from tests.unit.functions.services.memory import HandMovedClock

LOST = None
DATA: Mapping[str, Any] = {"order_id": "order", "tenant": "acme"}


@pytest.fixture
def clock() -> HandMovedClock:
    return HandMovedClock()


@pytest.fixture
def workflow(azure: AzureTarget, clock: HandMovedClock) -> GuardedWorkflow:
    return replace(azure.workflow, clock=clock)


def test_a_run_is_started_once_however_often_it_is_asked_for(
    azure: AzureTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    assert [workflow.start("order", DATA) for _ in range(3)] == [True, False, False]
    clock.advance(days=30)
    azure.starts.runs.clear()  # the app forgets, the guard does not
    assert workflow.start("order", DATA) is False
    assert azure.runs() == []


def test_a_run_asked_for_at_once_is_started_once(azure: AzureTarget, workflow: GuardedWorkflow) -> None:
    together = threading.Barrier(8)

    def start(_: int) -> bool:
        together.wait()
        try:
            return workflow.start("order", DATA)
        except RetryableError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(8))) == 1
    assert azure.runs() == [("order", DATA)]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_start_that_was_refused_can_be_tried_again_at_once(
    azure: AzureTarget, workflow: GuardedWorkflow, status: int
) -> None:
    azure.starts.statuses = [status]
    with pytest.raises(RefusedError, match=f"the workflow's app answered {status}"):
        workflow.start("order", DATA)
    assert azure.runs() == []
    assert [workflow.start("order", DATA) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("status", [429, 500, 503, LOST])
def test_a_start_that_may_have_happened_comes_again_when_its_lease_is_over(
    azure: AzureTarget, workflow: GuardedWorkflow, clock: HandMovedClock, status: int | None
) -> None:
    azure.starts.statuses = [status]
    with pytest.raises(RetryableError, match="the workflow's app"):
        workflow.start("order", DATA)
    clock.advance(seconds=LEASE.total_seconds() - 1)
    with pytest.raises(RetryableError, match="order"):
        workflow.start("order", DATA)
    assert azure.runs() == []
    clock.advance(seconds=1)
    assert [workflow.start("order", DATA) for _ in range(2)] == [True, False]


def test_a_start_whose_answer_was_lost_is_found_by_whoever_comes_again(
    azure: AzureTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    azure.starts.statuses, azure.starts.answers_are_lost = [LOST], True
    with pytest.raises(RetryableError, match="the workflow's app"):
        workflow.start("order", DATA)
    clock.advance(seconds=LEASE.total_seconds())
    assert [workflow.start("order", DATA) for _ in range(2)] == [False, False]
    assert azure.runs() == [("order", DATA)]


def test_a_run_is_remembered_for_as_long_as_anything_is(azure: AzureTarget, workflow: GuardedWorkflow) -> None:
    workflow.start("order", DATA)
    assert azure.items(layout.RUNS)["run-order"]["started"] is True
    azure.cosmos.store.now += int(layout.REMEMBERED.total_seconds()) - 1
    assert azure.items(layout.RUNS)
    azure.cosmos.store.now += 1
    assert azure.items(layout.RUNS) == {}


@pytest.mark.parametrize(("run_id", "data"), [("or:der", DATA), ("", DATA), ("order", {"n": 2**53})])
def test_what_not_every_target_takes_is_not_started(azure: AzureTarget, run_id: str, data: Mapping[str, Any]) -> None:
    with pytest.raises(SagaError):
        azure.workflow.start(run_id, data)
    assert (azure.items(layout.RUNS), azure.runs()) == ({}, [])
