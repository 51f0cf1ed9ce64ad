"""Starts of the workflow, each guarded by a document."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.api_core import exceptions

from components.saga.definition import SagaError
from functions.adapters.gcp.workflow import LEASE, GuardedWorkflow
from functions.domain.errors import RetryableError
from tests.conformance.gcp_target import WORKFLOW, GcpTarget
from tests.unit.functions.services.memory import HandMovedClock

Code = grpc.StatusCode
DATA: Mapping[str, Any] = {"order_id": "order", "tenant": "acme"}


@pytest.fixture
def clock() -> HandMovedClock:
    return HandMovedClock()


@pytest.fixture
def workflow(gcp: GcpTarget, clock: HandMovedClock) -> GuardedWorkflow:
    return replace(gcp.workflow, clock=clock)


def test_a_run_is_started_once_however_often_it_is_asked_for(
    gcp: GcpTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    assert [workflow.start("order", DATA) for _ in range(3)] == [True, False, False]
    clock.advance(days=30)
    assert workflow.start("order", DATA) is False
    (started,) = gcp.workflows.starts
    assert (started.workflow, started.argument) == (WORKFLOW, {"run_id": "order", "data": DATA})


def test_a_run_asked_for_at_once_is_started_once(gcp: GcpTarget, workflow: GuardedWorkflow) -> None:
    together = threading.Barrier(8)

    def start(_: int) -> bool:
        together.wait()
        try:
            return workflow.start("order", DATA)
        except RetryableError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(start, range(8))) == 1
    assert len(gcp.workflows.starts) == 1


@pytest.mark.parametrize("code", [Code.NOT_FOUND, Code.PERMISSION_DENIED, Code.RESOURCE_EXHAUSTED])
def test_a_start_that_was_refused_can_be_tried_again_at_once(
    gcp: GcpTarget, workflow: GuardedWorkflow, code: grpc.StatusCode
) -> None:
    gcp.workflows.codes = [code]
    with pytest.raises((exceptions.ClientError, RetryableError)):
        workflow.start("order", DATA)
    assert gcp.workflows.starts == []
    assert [workflow.start("order", DATA) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("code", [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.INTERNAL, Code.CANCELLED])
def test_a_start_that_may_have_happened_comes_again_when_its_lease_is_over(
    gcp: GcpTarget, workflow: GuardedWorkflow, clock: HandMovedClock, code: grpc.StatusCode
) -> None:
    gcp.workflows.codes = [code]
    with pytest.raises(RetryableError, match="Workflows"):
        workflow.start("order", DATA)
    clock.advance(seconds=LEASE.total_seconds() - 1)
    with pytest.raises(RetryableError, match="order"):
        workflow.start("order", DATA)
    assert gcp.workflows.starts == []
    clock.advance(seconds=1)
    assert [workflow.start("order", DATA) for _ in range(2)] == [True, False]


def test_a_start_is_sent_once_even_if_its_answer_is_lost(gcp: GcpTarget, workflow: GuardedWorkflow) -> None:
    gcp.workflows.codes, gcp.workflows.answers_are_lost = [Code.UNAVAILABLE], True
    with pytest.raises(RetryableError, match="Workflows"):
        workflow.start("order", DATA)
    assert len(gcp.workflows.starts) == 1


def test_a_run_that_was_started_but_not_noted_is_not_lost(
    gcp: GcpTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    """Whoever started it ended before the note; the second execution finds every step done."""
    workflow.start("order", DATA)
    gcp.clients.firestore.document("runs/order").update({"started": False})
    with pytest.raises(RetryableError):
        workflow.start("order", DATA)
    clock.advance(seconds=LEASE.total_seconds())
    assert workflow.start("order", DATA) is True


def test_a_run_is_remembered_as_long_as_workflows_keeps_its_execution(
    gcp: GcpTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    workflow.start("order", DATA)
    assert gcp.document("runs/order") == {
        "started": True,
        "lease_until": clock.now() + LEASE,
        "expires_at": clock.now() + timedelta(days=90),
    }


@pytest.mark.parametrize(("run_id", "data"), [("or:der", DATA), ("", DATA), ("order", {"n": 2**53})])
def test_what_not_every_target_takes_is_not_started(gcp: GcpTarget, run_id: str, data: Mapping[str, Any]) -> None:
    with pytest.raises(SagaError):
        gcp.workflow.start(run_id, data)
    assert (gcp.collection("runs"), gcp.runs()) == ({}, {})
