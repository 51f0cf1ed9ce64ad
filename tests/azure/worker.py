"""A function app in a process of its own: Microsoft's worker core indexes it and invokes its functions, as on Azure.

The core needs the platform's Python. Where `make engines` found none, azure-functions is called directly on this one:
`engine` says which it was, and the run shows it.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

Json: TypeAlias = dict[str, Any]
ROOT = Path(__file__).parents[2]
CORE = ROOT / ".engines" / "azure-worker" / "bin" / "python"
MAIN = Path(__file__).with_name("_worker_main.py")
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"

HAS_CORE = CORE.exists()
PYTHON = CORE if HAS_CORE else Path(sys.executable)


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 -- any JSON
        return json.loads(self.body)


class WorkerEndedError(RuntimeError):
    """The process is no more."""


class InvocationFailedError(Exception):
    """The function raised; the text is what the worker tells the host."""


@dataclass
class Worker:
    """Entered, the package in `folder` is an app with these settings, of which `functions` were indexed.

    Any number of threads may call at once; the worker has as many of its own as PYTHON_THREADPOOL_THREAD_COUNT says.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    lines: list[Json] = field(default_factory=list)
    """What was logged so far."""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [PYTHON, "-B", MAIN, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "WEBSITE_SITE_NAME": "orders-app", **self.settings},
        )
        self._under_way: dict[str, Future[Json]] = {}
        self._writing = threading.Lock()
        try:
            started = self._heard()
        except BaseException:
            self._process.kill()
            self._process.communicate()
            raise
        self.engine: str = started["engine"]
        self.functions: list[Json] = started["functions"]
        self._hearing = threading.Thread(target=self._hear)
        self._hearing.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.kill()
        self._hearing.join()
        self._process.communicate()

    def ask(
        self,
        function: str,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        traceparent: str = TRACEPARENT,
        **inputs: Json,
    ) -> Reply:
        """As the host asks for what was sent to it; `path` has the query too, `inputs` are of other bindings."""
        asked = {**_request(method, path, body, headers or {}), **inputs}
        return self._reply(self.invoke(function, asked, traceparent=traceparent))

    def deliver(self, function: str, body: bytes, *, attempt: int = 1, **properties: object) -> None:
        """As the host hands over one message of a queue."""
        self.invoke(function, {"message": binary(body)}, metadata=message_metadata(attempt, properties))

    def feed(self, function: str, documents: Sequence[Mapping[str, object]], *, retries: int = 0) -> None:
        self.invoke(function, {"documents": {"json": json.dumps(documents)}}, retries=retries)

    def invoke(
        self,
        function: str,
        inputs: Mapping[str, Json],
        *,
        metadata: Mapping[str, Json] | None = None,
        retries: int = 0,
        traceparent: str = TRACEPARENT,
    ) -> Json | None:
        """The one output, if there is any, as the worker gives it to the host; raises InvocationFailedError."""
        call = {
            "function": function,
            "id": str(uuid.uuid4()),
            "traceparent": traceparent,
            "retries": retries,
            "inputs": inputs,
            "metadata": metadata or {},
        }
        return self._outcome(self._told(call))

    def together(self, function: str, times: int, method: str, path: str, headers: Mapping[str, str]) -> list[Reply]:
        """As many requests at once, in the worker's threads."""
        with ThreadPoolExecutor(times) as pool:
            asked = [pool.submit(self.ask, function, method, path, headers=headers) for _ in range(times)]
        return [each.result() for each in asked]

    def _told(self, call: Mapping[str, Any]) -> Json:
        assert self._process.stdin
        answer: Future[Json] = Future()
        with self._writing:
            self._under_way[call["id"]] = answer
            self._process.stdin.write(json.dumps(call) + "\n")
            self._process.stdin.flush()
        return answer.result()

    def _hear(self) -> None:
        """Each answer as it comes, until the worker has ended; whoever waits then is told so."""
        try:
            while True:
                heard = self._heard()
                self._under_way.pop(heard["id"]).set_result(heard)
        except WorkerEndedError as ended:
            for waiting in list(self._under_way.values()):
                waiting.set_exception(ended)

    def _heard(self) -> Json:
        assert self._process.stdout
        text = self._process.stdout.readline()
        if not text:
            raise WorkerEndedError(f"the worker has ended with {self._process.wait()}; what it says is above")
        heard: Json = json.loads(text)
        self.lines += heard.pop("lines")
        return heard

    @staticmethod
    def _outcome(answer: Json) -> Json | None:
        if "failed" in answer:
            raise InvocationFailedError(answer["failed"])
        returned: Json | None = answer["returned"]
        return returned

    @staticmethod
    def _reply(returned: Json | None) -> Reply:
        assert returned
        http = returned["http"]
        headers = {name.lower(): value for name, value in http["headers"].items()}
        return Reply(
            status=int(http["status_code"]), headers=headers, body=base64.b64decode((http["body"] or {})["bytes"])
        )


def new_trace() -> str:
    """A traceparent of its own."""
    return f"00-{uuid.uuid4().hex}-{uuid.uuid4().hex[:16]}-01"


def message_metadata(
    attempt: int, properties: Mapping[str, object], *, message_id: str = "m1", sequence: int = 7
) -> dict[str, Json]:
    """What the Service Bus extension tells of a message beside its body."""
    return {
        "MessageId": {"string": message_id},
        "DeliveryCount": {"json": str(attempt)},
        "ApplicationProperties": {"json": json.dumps(properties)},
        "UserProperties": {"json": json.dumps(properties)},
        "ContentType": {"string": "application/cloudevents+json; charset=utf-8"},
        "EnqueuedTimeUtc": {"json": json.dumps("2026-01-02T12:00:00Z")},
        "SequenceNumber": {"json": str(sequence)},
        "LockToken": {"string": "11111111-2222-3333-4444-555555555555"},
    }


def _request(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Json:
    http = {"method": method, "url": f"https://orders.azurewebsites.net{path}", "headers": dict(headers)}
    return {"req": {"http": {**http, "body": binary(body) if body else None}}}


def binary(content: bytes) -> Json:
    """As the host hands over content that it has not looked at."""
    return {"bytes": base64.b64encode(content).decode()}
