"""Durable Functions' part of the host: it takes starts and plays the packaged orchestrators, several runs at a time.

Microsoft's worker replays them and performs their activities; the task hub, which keeps the histories, is that of the
conformance of sagas, with its own clock, of which a second takes `pace` of one here. A start is taken with the rights
that the storage back end needs; one of an instance that runs is refused, as host.json says. What it leaves out: the
Durable Task Scheduler, instances that outlive the world, cancelling, and the branches of a run at the same moment.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from random import Random
from threading import Event, Lock
from typing import Any

from tests.azure.worker import InvocationFailedError, Json, WorkerEndedError, new_trace
from tests.conformance.saga.engines._durable_host import Answers, TaskHub
from tests.e2e.azure.world.access import USE_QUEUES, USE_TABLES, WRITE_BLOB, Access
from tests.e2e.azure.world.apps import STORAGE, App
from tests.e2e.azure.world.identities import JSON
from tests.e2e.world.http import Asked, Listener, Reply
from tests.e2e.world.records import Records

AT_ONCE = 8
PREFIX = "/durabletask/"
OF_STORAGE = (WRITE_BLOB, USE_QUEUES, USE_TABLES)
REPLACES = "NonRunningStates"
ACTIVITY_SECONDS = 0.1
"""Of the run's own time."""


class ClosedError(Exception):
    """The world ends: what still runs is given up."""


@dataclass(kw_only=True)
class Run:
    """`status` is as Durable Functions calls it; `ended` what the task hub tells of its end."""

    id: str
    given: Any
    started_at: str
    status: str = "Running"
    ended: Mapping[str, Any] | None = None


@dataclass(kw_only=True)
class Durable:
    app: App
    records: Records
    access: Access
    pace: float
    runs: list[Run] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _closed: Event = field(default_factory=Event)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE))

    def client(self, url: str) -> Mapping[str, Any]:
        """What a client binding hands to a function."""
        hub = self.app.settings.get("TASKHUB_NAME", self.app.record["name"])
        return {"taskHubName": hub, "creationUrls": {}, "managementUrls": {}, "rpcBaseUrl": f"{url}{PREFIX}"}

    def answer(self, asked: Asked) -> Reply:
        """The host's own address, which is the app's alone."""
        parts = asked.path.partition("?")[0].removeprefix(PREFIX).split("/")
        match asked.method, parts:
            case "GET", ["instances", instance]:
                run = self._run(instance)
                return _told(200, _described(run)) if run else Reply(status=404)
            case "POST", ["orchestrators", orchestrator, instance]:
                return self._started(orchestrator, instance, json.loads(asked.body))
        return _told(501, {})

    def close(self) -> None:
        """Raises what the task hub itself failed with before."""
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)
        if self.errors:
            raise BaseExceptionGroup("playing failed by itself", self.errors)

    def _run(self, instance: str) -> Run | None:
        """The one that is known by this id: the last."""
        return next((run for run in reversed(self.runs) if run.id == instance), None)

    def _started(self, orchestrator: str, instance: str, given: Any) -> Reply:  # noqa: ANN401 JSON
        if not self._may_keep_histories():
            return _told(500, {"Message": "the task hub's storage refuses the app"})
        if self.app.host["extensions"]["durableTask"].get("overridableExistingInstanceStates") != REPLACES:
            raise NotImplementedError("a start that may replace a run under way")
        with self._lock:
            known = self._run(instance)
            if known and known.ended is None:
                return _told(409, {"Message": f"an instance {instance} is running"})
            run = Run(id=instance, given=given, started_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
            self.runs.append(run)
        self._pool.submit(self._play, orchestrator, run)
        return _told(202, {"id": instance})

    def _may_keep_histories(self) -> bool:
        account = self.records.one("storage.StorageAccount", accountName=self.app.settings[f"{STORAGE}__accountName"])
        return all(self.access.allows(self.app.principal, action, on=account.id) for action in OF_STORAGE)

    def _play(self, orchestrator: str, run: Run) -> None:
        names = [function["name"] for function, _ in self.app.triggers("orchestrationTrigger")]
        random = Random(zlib.crc32(run.id.encode()))  # noqa: S311 -- a simulation, not a secret
        began = time.monotonic()

        def wait_until(seconds: float) -> None:
            if self._closed.wait(max(0.0, seconds * self.pace - (time.monotonic() - began))):
                raise ClosedError

        hub = TaskHub({name: partial(self._episode, name) for name in names}, self._perform, random, wait_until)
        try:
            ended = hub.run(orchestrator, run.id, json.loads(run.given) if isinstance(run.given, str) else run.given)
            if hub.violations:
                self.errors.append(AssertionError(hub.violations))
            run.ended, run.status = ended, ended["status"]
        except (ClosedError, WorkerEndedError):
            run.status = "Suspended"
        except Exception as error:  # noqa: BLE001 -- told when the world ends
            self.errors.append(error)

    def _episode(self, orchestrator: str, history: str) -> str:
        returned = self.app.worker.invoke(orchestrator, {"context": {"string": history}})
        assert returned
        state: str = returned["json"]
        return state

    def _perform(self, number: int, call: str) -> Answers:
        ((function, binding),) = self.app.triggers("activityTrigger")
        inputs = {binding["name"]: {"string": json.dumps(json.loads(call))}}
        try:
            returned = self.app.worker.invoke(function["name"], inputs, traceparent=new_trace())
            assert returned
            return {str(number): {"seconds": ACTIVITY_SECONDS, "completed": json.loads(returned["json"])}}
        except InvocationFailedError as error:
            return {str(number): {"seconds": ACTIVITY_SECONDS, "failed": str(error)}}


@contextmanager
def durable(app: App, records: Records, access: Access, pace: float) -> Iterator[tuple[Durable, Mapping[str, Any]]]:
    """With the value of the app's client binding."""
    if "storageProvider" in app.host["extensions"]["durableTask"]:
        raise NotImplementedError("another back end than storage")
    made = Durable(app=app, records=records, access=access, pace=pace)
    with Listener(made.answer) as listener:
        try:
            yield made, made.client(listener.url)
        finally:
            made.close()


def _described(run: Run) -> Json:
    return {
        "name": "saga_v1",
        "instanceId": run.id,
        "createdTime": run.started_at,
        "lastUpdatedTime": run.started_at,
        "runtimeStatus": run.status,
        "input": run.given,
    }


def _told(status: int, content: object) -> Reply:
    return Reply(status=status, headers=JSON, body=json.dumps(content).encode())
