"""Logic Apps: the definition that was recorded, run once for each message that its trigger receives.

Actions run after those that they name, and a run fails with the first that fails. The connection receives and settles
as the app's identity, which has to be one of its own with the right to; so does the call of the vault. The trigger
looks again after `scale` of its recurrence, and at once after a run. What it leaves out: retries of an action, of which
the system wants none, histories, and every kind of action that the system does not have.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.e2e.azure.world.access import READ_SECRET, RECEIVE, Access
from tests.e2e.azure.world.expressions import Functions, evaluated
from tests.e2e.azure.world.identities import principal_of
from tests.e2e.azure.world.service_bus import LockLostError, Received, ServiceBus
from tests.e2e.world.http import Reply
from tests.e2e.world.records import Record, Records

RECURRENCES = {"Minute": 60.0}
VAULT = re.compile(r"https://(?P<vault>[^.]+)\.vault\.azure\.net/secrets/(?P<secret>[^?]+)\?api-version=\S+")
Post = Callable[[str, Mapping[str, str], bytes, float], Reply]
"""To an address of the internet, with headers and a body, for so many seconds at most; raises OSError."""


class ActionFailedError(Exception):
    """An action of a run failed, and so the run did."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """`why` it failed; empty if it did not."""

    message: str
    why: str


@dataclass(kw_only=True)
class LogicApp:
    record: Record
    records: Records
    access: Access
    bus: ServiceBus
    post: Post
    scale: float
    runs: list[Ran] = field(default_factory=list)
    under_way: int = 0
    closed: Event = field(default_factory=Event)

    @property
    def definition(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.record["definition"]
        return found

    @property
    def trigger(self) -> Mapping[str, Any]:
        (only,) = self.definition["triggers"].values()
        if only["type"] != "ApiConnection":
            raise NotImplementedError(f"a trigger of the type {only['type']}")
        found: Mapping[str, Any] = only
        return found

    @property
    def at_once(self) -> int:
        return int(self.trigger["runtimeConfiguration"]["concurrency"]["runs"])

    @property
    def queue(self) -> str:
        """The identifier of the one that its trigger looks at."""
        return self._queue(evaluated(self.trigger["inputs"], self._parameters()), "messages/head/peek")

    def listen(self) -> None:
        recurrence = self.trigger["recurrence"]
        pause = RECURRENCES[recurrence["frequency"]] * recurrence["interval"] * self.scale
        while not self.closed.is_set():
            if not self._received():
                self.closed.wait(pause)

    def _received(self) -> bool:
        queue = self.queue
        received = self.bus.receive(queue, wait_seconds=0) if self._may_receive(queue) else None
        if received is None:
            return False
        self.under_way += 1
        try:
            self._run(received)
            self.runs.append(Ran(message=received.message.id, why=""))
        except (ActionFailedError, OSError) as error:
            self.runs.append(Ran(message=received.message.id, why=str(error) or type(error).__name__))
        finally:
            self.under_way -= 1
        return True

    def _run(self, received: Received) -> None:
        content = base64.b64encode(received.message.body).decode()
        body = {"ContentData": content, "LockToken": received.lock, "MessageId": received.message.id}
        outputs: dict[str, Any] = {}
        of_the_run: Functions = {
            **self._parameters(),
            "triggerBody": lambda: body,
            "outputs": lambda name: outputs[name],
            "body": lambda name: outputs[name],
        }
        for name, action in self._in_order():
            try:
                outputs[name] = self._performed(action, evaluated(action["inputs"], of_the_run))
            except (ValueError, LookupError, TypeError) as error:
                raise ActionFailedError(f"{name}: {error!r}") from error

    def _in_order(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        left, done = dict(self.definition["actions"]), set[str]()
        while left:
            ready = [name for name, action in left.items() if set(action["runAfter"]) <= done]
            assert ready, "actions wait for each other"
            for name in ready:
                assert all(after == ["Succeeded"] for after in left[name]["runAfter"].values())
                yield name, left.pop(name)
                done.add(name)

    def _performed(self, action: Mapping[str, Any], inputs: Any) -> Any:  # noqa: ANN401 JSON
        match action["type"]:
            case "Compose":
                return inputs
            case "ApiConnection":
                return self._complete(inputs)
            case "Http" if inputs["method"] == "GET":
                return self._secret(inputs)
            case "Http":
                return self._posted(action, inputs)
        raise NotImplementedError(f"an action of the type {action['type']}")

    def _complete(self, inputs: Mapping[str, Any]) -> None:
        queue = self._queue(inputs, "messages/complete")
        if inputs["method"] != "delete" or not self._may_receive(queue):
            raise ActionFailedError(f"the connection may not settle messages of {queue}")
        try:
            self.bus.complete(queue, inputs["queries"]["lockToken"])
        except LockLostError as error:
            raise ActionFailedError(f"the lock {error} ran out") from error

    def _secret(self, inputs: Mapping[str, Any]) -> Mapping[str, str]:
        found, by = VAULT.fullmatch(inputs["uri"]), inputs["authentication"]
        if found is None or by["audience"] != "https://vault.azure.net":
            raise NotImplementedError(f"a call of {inputs['uri']}")
        secret = self.records.one("keyvault.Secret", vaultName=found["vault"], secretName=found["secret"])
        if not self.access.allows(principal_of(self.records, self.record, by["identity"]), READ_SECRET, on=secret.id):
            raise ActionFailedError(f"Key Vault answered 403 for {found['secret']}")
        return {"value": secret["properties"]["value"]}

    def _posted(self, action: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
        """A 202 without `DisableAsyncPattern` would be waited for."""
        if action.get("operationOptions") != "DisableAsyncPattern" or inputs["retryPolicy"] != {"type": "none"}:
            raise NotImplementedError("an action that waits or tries again")
        seconds = float(action["limit"]["timeout"].removeprefix("PT").removesuffix("S"))
        reply = self.post(inputs["uri"], inputs["headers"], json.dumps(inputs["body"]).encode(), seconds)
        if reply.status >= 400:
            raise ActionFailedError(f"{urlsplit(inputs['uri']).hostname} answered {reply.status}")

    def _parameters(self) -> Functions:
        values = {name: each["value"] for name, each in self.record["parameters"].items()}
        return {"parameters": lambda name: values[name]}

    def _queue(self, inputs: Mapping[str, Any], rest: str) -> str:
        """The one that the connection's path names, whose name was encoded twice."""
        name, _, called = inputs["path"].strip("/").partition("/")
        connection = self.records.one("resources.Resource", id=inputs["host"]["connection"]["name"])
        endpoint = connection["properties"]["parameterValueSet"]["values"]["namespaceEndpoint"]["value"]
        queue = self.bus.entity(str(urlsplit(endpoint).hostname).partition(".")[0], unquote(unquote(name)))
        if queue is None or called != rest:
            raise NotImplementedError(f"the connector's path {inputs['path']}")
        return queue

    def _may_receive(self, queue: str) -> bool:
        (connection,) = self.record["parameters"]["$connections"]["value"].values()
        by = connection["connectionProperties"]["authentication"]
        principal = principal_of(self.records, self.record, by["identity"])
        return self.access.allows(principal, RECEIVE, on=queue)


@contextmanager
def listening(records: Records, access: Access, bus: ServiceBus, post: Post, scale: float) -> Iterator[list[LogicApp]]:
    apps = [
        LogicApp(record=record, records=records, access=access, bus=bus, post=post, scale=scale)
        for record in records.of("logic.Workflow")
        if record["state"] == "Enabled"
    ]
    threads = [Thread(target=app.listen) for app in apps for _ in range(app.at_once)]
    for thread in threads:
        thread.start()
    try:
        yield apps
    finally:
        for app in apps:
            app.closed.set()
        for thread in threads:
            thread.join()
