"""A FAKE of the Workflows Executions API, our own, for tests: it takes starts and runs nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import grpc
from google.cloud.workflows.executions import CreateExecutionRequest, Execution


@dataclass(frozen=True, kw_only=True)
class Started:
    workflow: str
    argument: Any
    """What the workflow gets, from its JSON."""


class ExecutionsFake:
    """Entered, it serves every workflow on a free port of this machine, or those `of` these names alone.

    `on_start` is told of each start before that is answered; `codes` are what the next starts are answered with in the
    place of being done, or although they were, if `answers_are_lost`.
    """

    def __init__(
        self, on_start: Callable[[Started], object] = lambda _: None, of: Container[str] | None = None
    ) -> None:
        self.starts: list[Started] = []
        self.codes: list[grpc.StatusCode] = []
        self.answers_are_lost = False
        self._on_start, self._of = on_start, of
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = grpc.server(ThreadPoolExecutor(8))
        handler = grpc.unary_unary_rpc_method_handler(
            self._create, request_deserializer=CreateExecutionRequest.deserialize, response_serializer=_serialized
        )
        self._server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(
                    "google.cloud.workflows.executions.v1.Executions", {"CreateExecution": handler}
                ),
            )
        )
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop(grace=1).wait()

    def _create(self, request: CreateExecutionRequest, context: grpc.ServicerContext) -> Execution:
        if self._of is not None and request.parent not in self._of:
            context.abort(grpc.StatusCode.NOT_FOUND, f"{request.parent} was not found")
        with self._lock:
            code = self.codes.pop(0) if self.codes else None
            if code is None or self.answers_are_lost:
                started = Started(workflow=request.parent, argument=json.loads(request.execution.argument))
                self.starts.append(started)
                self._on_start(started)
            number = len(self.starts)
        if code:
            context.abort(code, "a fault that the test asked for")
        return Execution(name=f"{request.parent}/executions/{number}", state=Execution.State.ACTIVE)


def _serialized(execution: Execution) -> bytes:
    return bytes(Execution.serialize(execution))
