"""Starts of the workflow, each guarded by a document."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.api_core import exceptions

from components.saga.definition import SagaError
from functions.adapters.gcp.documents import Documents, Write
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


def test_a_start_whose_answer_was_lost_is_sent_once_and_once_more_after_its_lease(
    gcp: GcpTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    """The second execution is the price: nobody can know that there is a first one."""
    gcp.workflows.codes, gcp.workflows.answers_are_lost = [Code.UNAVAILABLE], True
    for _ in range(3):
        with pytest.raises(RetryableError):
            workflow.start("order", DATA)
    assert gcp.runs() == [("order", DATA)]
    clock.advance(seconds=LEASE.total_seconds())
    assert [workflow.start("order", DATA) for _ in range(2)] == [True, False]
    assert gcp.runs() == [("order", DATA)] * 2


def test_a_start_that_cannot_be_noted_is_done_all_the_same(
    gcp: GcpTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    """To fail would bring the event back, and a second execution for certain."""
    assert replace(workflow, documents=losing_the_note(gcp)).start("order", DATA) is True
    with pytest.raises(RetryableError):
        workflow.start("order", DATA)
    assert gcp.runs() == [("order", DATA)]
    clock.advance(seconds=LEASE.total_seconds())
    assert [workflow.start("order", DATA) for _ in range(2)] == [True, False]
    assert gcp.runs() == [("order", DATA)] * 2


def test_a_refusal_that_cannot_be_noted_stays_the_error_that_it_is(gcp: GcpTarget, workflow: GuardedWorkflow) -> None:
    gcp.workflows.codes = [Code.PERMISSION_DENIED]
    with pytest.raises(exceptions.PermissionDenied):
        replace(workflow, documents=losing_the_note(gcp)).start("order", DATA)


def test_a_claim_whose_answer_was_lost_starts_nothing_until_its_lease_is_over(
    gcp: GcpTarget, workflow: GuardedWorkflow, clock: HandMovedClock
) -> None:
    gcp.firestore.fail_next("Commit", Code.DEADLINE_EXCEEDED, after=True)
    for _ in range(2):
        with pytest.raises(RetryableError):
            workflow.start("order", DATA)
    assert gcp.runs() == []
    clock.advance(seconds=LEASE.total_seconds())
    assert workflow.start("order", DATA) is True
    assert gcp.runs() == [("order", DATA)]


def losing_the_note(gcp: GcpTarget) -> Documents:
    """The claim is committed; what comes after it fails."""

    class Failing(Documents):
        def commit(self, writes: Sequence[Write]) -> list[Any]:
            if [write.verb for write in writes] == ["update"]:
                gcp.firestore.fail_next("Commit", Code.DEADLINE_EXCEEDED)
            return super().commit(writes)

    return Failing(gcp.clients.firestore)


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
    assert (gcp.collection("runs"), gcp.runs()) == ({}, [])
