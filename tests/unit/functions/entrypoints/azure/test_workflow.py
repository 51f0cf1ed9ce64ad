"""A run is started once, by who may start it, with the definition that the app was given."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

import pytest
from azure.durable_functions.models.DurableOrchestrationStatus import (  # type: ignore[import-untyped]
    DurableOrchestrationStatus,
)
from hypothesis import given
from hypothesis import strategies as st

from components.saga.durable import compile_durable
from components.saga.order import ORDER_SAGA
from functions.api.messages import Request, Response
from functions.api.problems import ProblemError
from functions.domain.errors import RetryableError
from functions.entrypoints.azure.workflow import started
from functions.environment import Environment, Variable
from tests.unit.functions.entrypoints.azure.calls import CALLER, posted

RUN = {"run_id": "ord_1", "data": {"order_id": "ord_1", "tenant": "acme"}}
BODY = json.dumps(RUN).encode()
DEFINITION = compile_durable(ORDER_SAGA)
ENVIRONMENT = Environment({Variable.CALLERS: CALLER, Variable.SAGA: DEFINITION})
ENDED = {"createdTime": "2026-01-02T12:00:00Z", "runtimeStatus": "Completed"}
NOTHING = ""
"""What the SDK reads in an answer without a body, which is the host's for a run that it does not know."""


@dataclass
class TaskHub:
    """`failures` are raised by starts; with `takes_all_the_same` the instance is there by then.

    `answers` are what the host answers to the next questions for a run, whatever it knows.
    """

    runs: dict[str, tuple[str, object]] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    takes_all_the_same: bool = False
    answers: list[object] = field(default_factory=list)

    async def get_status(self, instance_id: str) -> DurableOrchestrationStatus:
        known = ENDED if instance_id in self.runs else NOTHING
        return DurableOrchestrationStatus.from_json(self.answers.pop(0) if self.answers else known)

    async def start_new(
        self, orchestration_function_name: str, instance_id: str | None = None, client_input: object = None
    ) -> str:
        assert instance_id is not None
        if not self.failures or self.takes_all_the_same:
            self.runs[instance_id] = (orchestration_function_name, client_input)
        if self.failures:
            raise self.failures.pop()
        return instance_id


def ask(hub: TaskHub, request: Request) -> Response:
    return asyncio.run(started(request, hub, ENVIRONMENT))


def refused(hub: TaskHub, request: Request) -> tuple[int, str]:
    with pytest.raises(ProblemError) as refusal:
        ask(hub, request)
    return refusal.value.type.status, refusal.value.type.code


def test_a_run_is_started_under_its_own_id_with_the_apps_definition() -> None:
    hub = TaskHub()
    response = ask(hub, posted(BODY))
    assert (response.status, json.loads(response.body)) == (202, {"run_id": "ord_1"})
    assert hub.runs == {"ord_1": ("saga_v1", {"definition": json.loads(DEFINITION), **RUN})}


def test_a_run_that_is_known_is_not_started_again() -> None:
    hub = TaskHub()
    ask(hub, posted(BODY))
    other = {**RUN, "data": {"order_id": "ord_2", "tenant": "acme"}}
    assert refused(hub, posted(json.dumps(other).encode())) == (409, "run-known")
    assert hub.runs["ord_1"][1] == {"definition": json.loads(DEFINITION), **RUN}


def test_a_start_that_fails_because_another_was_faster_is_a_run_that_is_known() -> None:
    """Durable Functions says no without a type."""
    hub = TaskHub(failures=[Exception("An Orchestration instance ... already exists.")], takes_all_the_same=True)
    assert refused(hub, posted(BODY)) == (409, "run-known")


@pytest.mark.parametrize("fault", [{"Message": "the storage does not answer"}, {}, "the storage does not answer"])
def test_a_fault_of_the_host_is_not_taken_for_a_run_that_is_not_known(fault: object) -> None:
    hub = TaskHub()
    ask(hub, posted(BODY))
    begun = hub.runs.pop("ord_1")
    hub.answers = [fault]
    with pytest.raises(RetryableError, match="ord_1"):
        ask(hub, posted(BODY))
    assert hub.runs == {}
    hub.runs["ord_1"] = begun
    assert refused(hub, posted(BODY)) == (409, "run-known")


def test_what_a_failed_start_came_to_is_open_while_the_host_does_not_say() -> None:
    hub = TaskHub(failures=[Exception("the storage does not answer")], takes_all_the_same=True)
    hub.answers = [NOTHING, {"Message": "the storage does not answer"}]
    with pytest.raises(RetryableError, match="ord_1"):
        ask(hub, posted(BODY))


def test_a_start_that_fails_otherwise_is_raised_and_may_come_again() -> None:
    hub = TaskHub(failures=[Exception("the storage does not answer")])
    with pytest.raises(Exception, match="the storage does not answer"):
        ask(hub, posted(BODY))
    assert ask(hub, posted(BODY)).status == 202


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
        json.dumps({**RUN, "run_id": ""}).encode(),
        json.dumps({**RUN, "run_id": "a/b"}).encode(),
        json.dumps({**RUN, "run_id": "a" * 37}).encode(),
        json.dumps({**RUN, "run_id": 7}).encode(),
        json.dumps({**RUN, "data": []}).encode(),
        json.dumps({**RUN, "data": {"n": 2**60}}).encode(),
        json.dumps({**RUN, "data": {"text": "x" * 300_000}}).encode(),
    ],
)
def test_what_starts_no_run_is_the_callers_mistake(body: bytes) -> None:
    hub = TaskHub()
    assert refused(hub, posted(body))[0] == 400
    assert hub.runs == {}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_only_a_post_starts_a_run(method: str) -> None:
    assert refused(TaskHub(), posted(BODY, method=method))[0] == 405


@pytest.mark.parametrize("caller", [None, "", "4f3c1d2e-0000-4000-8000-00000000000c"])
def test_nobody_starts_a_run_who_was_not_granted_it(caller: str | None) -> None:
    hub = TaskHub()
    assert refused(hub, posted(BODY, caller=caller)) == (403, "unknown-caller")
    assert hub.runs == {}


@given(st.binary())
def test_whatever_is_posted_starts_no_run_or_is_refused(body: bytes) -> None:
    hub = TaskHub()
    assert refused(hub, posted(body))[0] == 400
