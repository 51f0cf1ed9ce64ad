"""A function app as Azure runs it: Microsoft's worker core indexes the folder of a package and calls its functions.

Runs in .engines/azure-worker, on the platform's Python, and speaks JSON lines: it says which functions the app has and
then, for each call that it is told of, what came of it and what was logged until then. Where there is no worker core,
azure-functions itself is asked for the functions and for their converters.

The host is not here. What it sends is told by whoever calls: method, address and headers, a message and its metadata.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import os
import platform
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from functools import partial
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]
LIBRARIES = ".python_packages/lib/site-packages"


class Sent(SimpleNamespace):
    """A message of the host's protocol; the one field that it has says what kind of data it is."""

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 -- protobuf's name
        return next(iter(vars(self)), None) if group == "data" else "data"


def data(told: Json | None) -> Sent:
    """`told` has one field, named as in the protocol; bytes are in base64."""
    if not told:
        return Sent()
    ((kind, value),) = told.items()
    if kind == "bytes":
        return Sent(bytes=base64.b64decode(value))
    if kind == "http":
        body = data(value.get("body"))
        return Sent(http=Sent(**{"params": {}, "query": {}, "headers": {}, **value, "body": body}))
    return Sent(**{kind: value})


def shown(answer: Sent | None) -> Json | None:
    """As `data` is told it."""
    if answer is None or not vars(answer):
        return None
    ((kind, value),) = vars(answer).items()
    if kind == "bytes":
        return {"bytes": base64.b64encode(value).decode()}
    if kind == "http":
        body = shown(value.body)
        return {"http": {"status_code": value.status_code, "headers": dict(value.headers), "body": body}}
    return {kind: value}


class Protos:
    """The protocol's messages, of which only names matter here."""

    BindingInfo: Callable[..., Sent]
    StatusResult: Callable[..., Sent]

    def __getattr__(self, name: str) -> Callable[..., Sent]:
        return Sent


class _BindingInfo(Sent):
    undefined, inout, out = 0, 2, 1


class _StatusResult(Sent):
    Failure, Success = 0, 1


class Engine(Protocol):
    name: str

    def index(self, folder: Path) -> list[Json]: ...
    async def invoke(self, call: Json) -> Json: ...


class WorkerCore:
    """Microsoft's own: it indexes, converts, calls in its threads and converts again."""

    def __init__(self) -> None:
        from azure_functions_runtime import handle_event  # type: ignore[import-not-found]
        from azure_functions_runtime.utils.executor import invocation_id_cv  # type: ignore[import-not-found]
        from azure_functions_runtime.utils.threadpool import start_threadpool_executor  # type: ignore[import-not-found]

        self.name = f"azure-functions-runtime {metadata.version('azure-functions-runtime')}"
        self._events = handle_event
        self._invocation = invocation_id_cv
        start_threadpool_executor()

    def current_invocation(self) -> str | None:
        found: str | None = self._invocation.get()
        return found

    def index(self, folder: Path) -> list[Json]:
        protos = Protos()
        protos.BindingInfo, protos.StatusResult = _BindingInfo, _StatusResult
        request = Sent(worker_init_request=Sent(capabilities={}, function_app_directory=str(folder)))
        properties = {"protos": protos, "host": "127.0.0.1"}
        initialized = asyncio.run(self._events.worker_init_request(Sent(request=request, properties=properties)))
        if initialized.result.status != _StatusResult.Success:
            raise RuntimeError(f"the worker does not start: {initialized.result.exception.message}")
        answer = asyncio.run(self._events.functions_metadata_request(None))
        self._ids = {each.name: each.function_id for each in answer.function_metadata_results}
        return [
            {
                "name": each.name,
                "bindings": [json.loads(binding) for binding in each.raw_bindings],
                "retry": _retry(each.retry_options),
            }
            for each in answer.function_metadata_results
        ]

    async def invoke(self, call: Json) -> Json:
        request = Sent(
            invocation_id=call["id"],
            function_id=self._ids[call["function"]],
            input_data=[_Binding(name, data(told)) for name, told in call["inputs"].items()],
            trigger_metadata={name: data(told) for name, told in call["metadata"].items()},
            trace_context=Sent(trace_parent=call["traceparent"], trace_state="", attributes={}),
            retry_context=Sent(retry_count=call["retries"], max_retry_count=-1, exception=None),
        )
        answer = await self._events.invocation_request(Sent(request=Sent(invocation_request=request)))
        if answer.result.status != _StatusResult.Success:
            return {"failed": answer.result.exception.message}
        return {"returned": shown(answer.return_value)}


class _Binding(Sent):
    def __init__(self, name: str, told: Sent) -> None:
        super().__init__(name=name, data=told)

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802
        return "data" if group == "rpc_data" else None


def _retry(options: Sent | None) -> Json | None:
    return None if options is None else {name: str(value) for name, value in vars(options).items()}


class Sdk:
    """azure-functions alone: its index of the app and its converters, called in the order in which the worker does."""

    def __init__(self) -> None:
        self.name = f"azure-functions {metadata.version('azure-functions')} called directly"
        self._current: ContextVar[str | None] = ContextVar("invocation", default=None)
        self._threads = ThreadPoolExecutor(int(os.environ.get("PYTHON_THREADPOOL_THREAD_COUNT", "1")))

    def current_invocation(self) -> str | None:
        return self._current.get()

    def index(self, folder: Path) -> list[Json]:
        from azure.functions import get_binding_registry
        from function_app import app  # type: ignore[import-not-found]

        self._converters = get_binding_registry()  # type: ignore[no-untyped-call]
        self._functions = {each.get_function_name(): each for each in app.get_functions()}
        return [
            {
                "name": name,
                "bindings": [json.loads(binding) for binding in each.get_raw_bindings()],
                "retry": each.get_settings_dict("retry_policy"),
            }
            for name, each in self._functions.items()
        ]

    async def invoke(self, call: Json) -> Json:
        self._current.set(call["id"])
        try:
            return {"returned": await self._called(self._functions[call["function"]], call)}
        except Exception as error:  # noqa: BLE001 -- the worker tells the host of any
            return {"failed": f"{type(error).__name__}: {error}"}

    async def _called(self, function: Any, call: Json) -> Json | None:  # noqa: ANN401 -- the SDK's, untyped
        kinds = {binding.name: binding.type for binding in function.get_bindings()}
        given = {name: self._read(kinds[name], told, call["metadata"]) for name, told in call["inputs"].items()}
        handler = function.get_user_function()
        if "context" not in kinds:
            given["context"] = _context(call)
        answer = await (handler(**given) if asyncio.iscoroutinefunction(handler) else self._threaded(handler, given))
        out = "http" if "$return" in kinds else function.get_trigger().type
        converter = self._converters.get(out)
        if answer is None or not hasattr(converter, "encode"):
            return None
        return _as_told(converter.encode(answer, expected_type=None))

    async def _threaded(self, handler: Callable[..., Any], given: Json) -> Any:  # noqa: ANN401
        run = partial(copy_context().run, handler, **given)
        return await asyncio.get_running_loop().run_in_executor(self._threads, run)

    def _read(self, kind: str, told: Json | None, about: Json) -> Any:  # noqa: ANN401
        from azure.functions.meta import Datum

        found = {name: _datum(each) for name, each in about.items()}
        return self._converters.get(kind).decode(_datum(told) or Datum(None, None), trigger_metadata=found)


def _datum(told: Json | None) -> Any:  # noqa: ANN401
    from azure.functions.meta import Datum

    if not told:
        return None
    ((kind, value),) = told.items()
    if kind == "bytes":
        return Datum(base64.b64decode(value), "bytes")
    if kind != "http":
        return Datum(value, kind)
    texts = {name: Datum(value[name], "string") for name in ("method", "url")}
    maps = {
        name: {key: Datum(text, "string") for key, text in value.get(name, {}).items()}
        for name in ("headers", "params", "query")
    }
    return Datum({**texts, **maps, "body": _datum(value.get("body")) or Datum(b"", "bytes")}, "http")


def _as_told(datum: Any) -> Json:  # noqa: ANN401
    if datum.type != "http":
        value = datum.value
        return {"bytes": base64.b64encode(value).decode()} if datum.type == "bytes" else {datum.type: value}
    headers = {name: header.value for name, header in datum.value["headers"].items()}
    body = {"bytes": base64.b64encode(datum.value["body"].value).decode()}
    return {"http": {"status_code": datum.value["status_code"].value, "headers": headers, "body": body}}


def _context(call: Json) -> Sent:
    trace = Sent(Traceparent=call["traceparent"], trace_parent=call["traceparent"])
    retry = Sent(retry_count=call["retries"], max_retry_count=-1)
    return Sent(invocation_id=call["id"], trace_context=trace, retry_context=retry, function_name=call["function"])


class Lines(logging.Handler):
    """As the worker's handler, which sends what is logged to the host, with the invocation's id."""

    def __init__(self, engine: WorkerCore | Sdk) -> None:
        super().__init__()
        self._engine = engine
        self.kept: list[Json] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = {"level": record.levelname, "logger": record.name, "invocation": self._engine.current_invocation()}
        self.kept.append({**line, "message": self.format(record)})

    def taken(self) -> list[Json]:
        self.acquire()
        try:
            kept, self.kept = self.kept, []
        finally:
            self.release()
        return kept


def engine() -> WorkerCore | Sdk:
    try:
        return WorkerCore()
    except ImportError:
        return Sdk()


async def answer(called: WorkerCore | Sdk, say: Callable[[Mapping[str, object]], None]) -> None:
    """Each call that is told, as soon as it is; its answer has its id."""
    under_way = set[asyncio.Task[None]]()

    async def perform(call: Json) -> None:
        say({"id": call["id"], **await called.invoke(call)})

    while text := await asyncio.to_thread(sys.stdin.readline):
        task = asyncio.create_task(perform(json.loads(text)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)


def main(folder: Path) -> None:
    says = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the app prints is no answer
    # An app's own libraries come first, then the worker's, then the app: dependency isolation of the platform.
    sys.path[:] = [str(folder / LIBRARIES), *(path for path in sys.path if path != str(Path(__file__).parent))]
    sys.path.append(str(folder))
    called = engine()
    lines = Lines(called)
    logging.getLogger().addHandler(lines)
    logging.getLogger().setLevel(logging.INFO)

    def say(told: Mapping[str, object]) -> None:
        says.write(json.dumps({**told, "lines": lines.taken()}) + "\n")
        says.flush()

    functions = called.index(folder)
    say({"engine": f"{called.name} on Python {platform.python_version()}", "functions": functions})
    asyncio.run(answer(called, say))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
