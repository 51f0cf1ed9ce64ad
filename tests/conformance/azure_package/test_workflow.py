"""The workflow's app whole: runs are started, played by the packaged orchestrators, and their tasks called by HTTP.

The orchestrators and the activity run in Microsoft's worker core; the task hub, which keeps the histories, is ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest

from components.saga.durable import compile_durable
from components.saga.order import ORDER_SAGA
from functions.environment import Variable
from tests.azure.loopback import TOKEN, Loopback
from tests.azure.serving import Answer, Request, answer
from tests.azure.worker import TRACEPARENT, InvocationFailedError, Worker
from tests.conformance.saga.engines._durable_host import Answers, TaskHub
from tests.unit.functions.entrypoints.azure.calls import CALLER

AUDIENCE = "6d3b5f2c-0000-4000-8000-000000000001"
DATA = {"order_id": "ord_1", "tenant": "acme"}
RUN = json.dumps({"run_id": "ord_1", "data": DATA}).encode()
CALL = {"X-MS-CLIENT-PRINCIPAL-ID": CALLER, "Content-Type": "application/json"}
DONE = {"code": None, "message": "", "result": ""}
FORWARD = ["validate-order", "reserve-inventory", "process-payment"]
TOGETHER = ["commit-inventory", "send-confirmation", "notify-warehouse"]


@dataclass
class Azure:
    """What the app speaks to: its identity, the tasks' apps, and the host's own address for starts.

    Answers of tasks are by task, one after another; None hangs up, and a task that has none is done.
    """

    answers: dict[str, list[Answer | None]] = field(default_factory=dict)
    performed: list[dict[str, Any]] = field(default_factory=list)
    instances: dict[str, Any] = field(default_factory=dict)

    def __call__(self, request: Request) -> Answer | None:
        match request.method, request.segments:
            case "POST", ["tasks", task]:
                self.performed.append(json.loads(request.body))
                left = self.answers.get(task)
                return left.pop(0) if left else answer(200, DONE)
            case "GET", ["durable", "instances", run]:
                return answer(200, self.instances[run]) if run in self.instances else answer(404)
            case "POST", ["durable", "orchestrators", "saga_v1", run]:
                # What the SDK sends is JSON in a JSON string.
                self.instances[run] = {"createdTime": "2026-01-02T12:00:00Z", "input": json.loads(request.body)}
                return answer(202, {"id": run})
        return answer(501)


@dataclass
class App:
    worker: Worker
    azure: Azure
    loopback: Loopback

    def start(self, body: bytes, headers: dict[str, str]) -> Any:  # noqa: ANN401 -- a Reply
        client = {
            "taskHubName": "orders",
            "creationUrls": {},
            "managementUrls": {},
            "rpcBaseUrl": f"{self.loopback.url}/durable/",
        }
        return self.worker.ask("runs", "POST", "/runs", body, headers, client={"string": json.dumps(client)})

    def play(self, given: Any) -> dict[str, Any]:  # noqa: ANN401 -- any JSON
        """How the run ended that was started with this."""
        orchestrators = {name: partial(self._episode, name) for name in ("saga_v1", "saga_branch_v1")}
        hub = TaskHub(orchestrators, self._perform, Random(7))  # noqa: S311 -- a simulation, not a secret
        ended = hub.run("saga_v1", given["run_id"], given)
        assert hub.violations == []
        return ended

    def tasks(self) -> list[str]:
        return [call["task"] for call in self.azure.performed]

    def perform(self, call: dict[str, Any]) -> Any:  # noqa: ANN401 -- any JSON
        returned = self.worker.invoke("perform_task", {"call": {"string": json.dumps(call)}})
        assert returned
        return json.loads(returned["json"])

    def _episode(self, orchestrator: str, history: str) -> str:
        returned = self.worker.invoke(orchestrator, {"context": {"string": history}})
        assert returned
        state: str = returned["json"]
        return state

    def _perform(self, number: int, call: str) -> Answers:
        try:
            return {str(number): {"seconds": 0.1, "completed": self.perform(json.loads(call))}}
        except InvocationFailedError as error:
            return {str(number): {"seconds": 0.1, "failed": str(error)}}


@pytest.fixture
def app(folder: Path) -> Iterator[App]:
    azure = Azure()
    with Loopback(azure) as loopback:
        settings = {
            Variable.HANDLER: "workflow",
            Variable.CALLERS: CALLER,
            Variable.AUDIENCE: AUDIENCE,
            Variable.SAGA: compile_durable(ORDER_SAGA),
            Variable.TASKS: json.dumps({task: f"{loopback.url}/tasks/{task}" for task in ORDER_SAGA.tasks()}),
            "AZURE_FUNCTIONS_DURABLE_STRICT_TYPING": "1",
            **loopback.identity,
        }
        with Worker(folder, {str(name): value for name, value in settings.items()}) as worker:
            yield App(worker, azure, loopback)


def test_a_run_is_started_once_and_plays_through_the_tasks_apps(app: App) -> None:
    first, second = (app.start(RUN, CALL) for _ in range(2))
    assert (first.status, first.json, second.status) == (202, {"run_id": "ord_1"}, 409)
    given = json.loads(app.azure.instances["ord_1"]["input"])
    assert given["data"] == DATA
    ended = app.play(given)
    assert (ended["status"], ended["output"]["outcome"]) == ("Completed", "succeeded")
    assert app.tasks()[:3] == FORWARD
    assert sorted(app.tasks()[3:6]) == sorted(TOGETHER)
    assert app.tasks()[6:] == ["complete-order"]
    keys = [call["key"] for call in app.azure.performed]
    assert len(set(keys)) == len(keys)


def test_a_task_is_called_by_the_workflows_identity_within_its_trace(app: App) -> None:
    call = {"task": "validate-order", "run_id": "ord_1", "key": "ord_1:validate-order", "attempt": 1, "data": DATA}
    assert app.perform(call) == DONE
    (asked,) = app.loopback.asked
    assert (asked.headers["authorization"], asked.headers["traceparent"]) == (f"Bearer {TOKEN}", TRACEPARENT)
    assert app.loopback.resources == [AUDIENCE]
    assert app.azure.performed == [call]


def test_faults_are_tried_again_and_what_stays_broken_is_undone_backwards(app: App) -> None:
    declined = answer(200, {"code": "payment-declined", "message": "no money", "result": ""})
    app.azure.answers = {"reserve-inventory": [answer(503), None], "process-payment": [answer(500), declined]}
    ended = app.play({"definition": json.loads(compile_durable(ORDER_SAGA)), "run_id": "ord_1", "data": DATA})
    assert ended["output"]["failure"] == {"step": "process-payment", "code": "payment-declined", "message": "no money"}
    assert app.tasks() == [
        "validate-order",
        *["reserve-inventory"] * 3,
        *["process-payment"] * 2,
        "refund-payment",
        "release-inventory",
        "fail-order",
    ]


def test_what_cannot_be_undone_ends_the_run_as_failed_so_that_it_alarms(app: App) -> None:
    app.azure.answers = {"process-payment": [answer(200, {**DONE, "code": "payment-declined"})]}
    app.azure.answers["release-inventory"] = [answer(500)] * 10
    ended = app.play({"definition": json.loads(compile_durable(ORDER_SAGA)), "run_id": "ord_1", "data": DATA})
    assert ended["status"] == "Failed"
    assert json.loads(ended["error"])["uncompensated"] == ["reserve-inventory"]
    assert app.azure.performed[-1]["uncompensated"] == ["reserve-inventory"]


def test_a_definition_of_a_later_version_is_refused_by_the_run_itself(app: App) -> None:
    definition = {**json.loads(compile_durable(ORDER_SAGA)), "version": 2}
    ended = app.play({"definition": definition, "run_id": "ord_1", "data": DATA})
    assert (ended["status"], app.tasks()) == ("Failed", [])
    assert "has version 2; saga_v1 understands 1" in ended["error"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (RUN, {}, 403),
        (RUN, {**CALL, "X-MS-CLIENT-PRINCIPAL-ID": "someone"}, 403),
        (b"{}", CALL, 400),
        (b"\xff", CALL, 400),
    ],
)
def test_who_may_not_start_a_run_or_sends_none_starts_none(
    body: bytes, headers: dict[str, str], status: int, app: App
) -> None:
    reply = app.start(body, headers)
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert app.azure.instances == {}


def test_a_host_that_takes_no_start_is_a_failure_of_ours_that_tells_nothing(app: App) -> None:
    app.azure.instances = {}
    client = {"taskHubName": "o", "creationUrls": {}, "managementUrls": {}, "rpcBaseUrl": f"{app.loopback.url}/gone/"}
    reply = app.worker.ask("runs", "POST", "/runs", RUN, CALL, client={"string": json.dumps(client)})
    assert reply.status == 500
    assert b"501" not in reply.body
