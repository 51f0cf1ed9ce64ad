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
from functions.adapters.azure.workflow import GuardedWorkflow
from functions.domain.errors import RetryableError
from tests.conformance.azure_target import LEASE, AzureTarget
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


@pytest.mark.parametrize("status", [408, LOST])
def test_a_lease_whose_answer_was_lost_is_known_by_whoever_took_it(
    azure: AzureTarget, workflow: GuardedWorkflow, status: int | None
) -> None:
    azure.cosmos.fail_next("Batch", status, after=True)
    assert workflow.start("order", DATA) is True
    assert azure.runs() == [("order", DATA)]


def test_a_lease_that_was_taken_over_is_known_by_whoever_took_it(
    azure: AzureTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    azure.starts.statuses = [LOST]
    with pytest.raises(RetryableError, match="the workflow's app"):
        workflow.start("order", DATA)
    clock.advance(seconds=LEASE.total_seconds())
    azure.cosmos.fail_next("Batch", LOST, after=True)
    assert workflow.start("order", DATA) is True


def test_a_start_whose_note_was_not_taken_is_told_all_the_same(
    azure: AzureTarget, workflow: GuardedWorkflow, clock: HandMovedClock, caplog: pytest.LogCaptureFixture
) -> None:
    azure.starts.on_start = lambda *_: cosmos_is_out(azure)
    assert workflow.start("order", DATA) is True
    assert [record.message for record in caplog.records if record.name.endswith("workflow")] == [
        "how a start ended is not noted"
    ]
    azure.cosmos.faults.clear()
    clock.advance(seconds=LEASE.total_seconds())
    assert workflow.start("order", DATA) is False
    assert azure.runs() == [("order", DATA)]


def test_why_a_start_was_refused_is_told_although_its_lease_cannot_be_given_back(
    azure: AzureTarget, workflow: GuardedWorkflow
) -> None:
    azure.starts.statuses, azure.starts.answers_are_lost = [403], True
    azure.starts.on_start = lambda *_: cosmos_is_out(azure)
    with pytest.raises(RefusedError, match="answered 403"):
        workflow.start("order", DATA)


def cosmos_is_out(azure: AzureTarget) -> None:
    """For a call with all of its attempts."""
    for _ in range(4):
        azure.cosmos.fail_next("Batch", 503)


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
