"""The workflow's app: the saga's orchestrators, the activity that calls a task's app, and the address that starts runs.

`POST /runs` with {"run_id", "data"} is answered by 202, or by 409 if a run with this id is known. Durable Functions
itself refuses only one that is under way, and two starts at once might pass: so whoever calls here keeps a guard.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Protocol

import msgspec
from azure.durable_functions import DFApp  # type: ignore[import-untyped]
from azure.functions import AuthLevel, Context, HttpRequest, HttpResponse

from components.saga.start import checked_run_id, data_to_json
from functions.adapters.azure.clients import AzureUnavailableError
from functions.api.messages import Request, Response
from functions.api.problems import INVALID_REQUEST, ProblemError, ProblemType
from functions.api.trace import request_id
from functions.entrypoints.answers import failed, only_post
from functions.entrypoints.azure import saga_v1
from functions.entrypoints.azure.application import ports
from functions.entrypoints.azure.callers import check
from functions.entrypoints.azure.exchange import reply_of, request_of
from functions.entrypoints.azure.observed import observed
from functions.entrypoints.azure.task_client import TaskClient, longest_timeout
from functions.environment import Environment, Variable
from functions.structs import decode

ORCHESTRATOR = "saga_v1"
RUN_KNOWN = ProblemType("run-known", 409, "The run was started before")


class Instances(Protocol):
    """The part of azure.durable_functions.DurableOrchestrationClient that starts need."""

    async def get_status(self, instance_id: str) -> object:
        """True of an instance that is known. Of any other it has the host's text as `message`, which is empty, and of a
        fault whatever the host told of it.
        """

    async def start_new(
        self, orchestration_function_name: str, instance_id: str | None = None, client_input: object = None
    ) -> str: ...


class _Run(msgspec.Struct):
    run_id: str
    data: dict[str, Any]


def workflow() -> DFApp:
    app = DFApp(http_auth_level=AuthLevel.ANONYMOUS)
    for orchestrator in (saga_v1.saga_v1, saga_v1.saga_branch_v1):
        app.orchestration_trigger(context_name="context")(orchestrator)
    app.activity_trigger(input_name="call")(perform_task)
    app.function_name("runs")(app.route(route="runs")(app.durable_client_input(client_name="client")(runs)))
    return app


def perform_task(call: dict, context: Context) -> object:  # type: ignore[type-arg]  # the worker takes plain classes
    with observed(context):
        return _tasks().perform(call, traceparent=context.trace_context.trace_parent or "")


async def runs(req: HttpRequest, client: Instances, context: Context) -> HttpResponse:
    with observed(context) as trace:
        request = request_of(req, trace_id=trace)
        try:
            return reply_of(await started(request, client, ports().environment))
        except Exception as error:  # noqa: BLE001 -- the host would tell the caller the error's text
            return reply_of(failed(error, request_id(request)))


async def started(request: Request, instances: Instances, environment: Environment) -> Response:
    check(request, environment)
    only_post(request)
    run = _run_of(request.body)
    if not await _start(run, instances, json.loads(environment[Variable.SAGA])):
        raise ProblemError(RUN_KNOWN, "there is a run with this id")
    body = msgspec.json.encode({"run_id": run.run_id})
    return Response(status=202, headers={"Content-Type": "application/json"}, body=body)


async def _start(run: _Run, instances: Instances, definition: object) -> bool:
    """False if the run is known. What a start fails with has no type: whether the run was there is asked again."""
    if await _is_known(run.run_id, instances):
        return False
    given = {"definition": definition, "run_id": run.run_id, "data": run.data}
    try:
        await instances.start_new(ORCHESTRATOR, run.run_id, given)
    except Exception:
        if await _is_known(run.run_id, instances):
            return False
        raise
    return True


async def _is_known(run_id: str, instances: Instances) -> bool:
    """Raises AzureUnavailableError for a fault: to take it for a run that is not known would begin one anew."""
    status = await instances.get_status(run_id)
    if not status and getattr(status, "message", None) != "":
        raise AzureUnavailableError(f"Durable Functions does not say if there is a run {run_id}")
    return bool(status)


def _run_of(body: bytes) -> _Run:
    try:
        run = decode(body, _Run)
        checked_run_id(run.run_id)
        data_to_json(run.data)
    except (ValueError, RecursionError) as error:
        raise ProblemError(INVALID_REQUEST, f"this starts no run: {error}") from None
    return run


@cache
def _tasks() -> TaskClient:
    environment = ports().environment
    return TaskClient(
        addresses=decode(environment[Variable.TASKS], dict[str, str]),
        token=ports().clients.token_for(f"{environment[Variable.AUDIENCE]}/.default"),
        read_seconds=longest_timeout(json.loads(environment[Variable.SAGA])),
    )
