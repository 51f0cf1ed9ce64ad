"""Calls the apps that perform tasks, as the workflow's own identity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from functions.adapters.http.client import HttpClient, Limits
from functions.domain.errors import RetryableError


class TaskFailedError(RetryableError):
    """The task's app gave no answer of a task's."""

    code = "task-failed"


@dataclass(frozen=True, kw_only=True)
class TaskClient:
    """`addresses` are by task; `token` gives one for a call from app to app."""

    addresses: Mapping[str, str]
    token: Callable[[], str]
    read_seconds: float

    def perform(self, call: Mapping[str, object], *, traceparent: str = "") -> object:
        """What the task answered, whatever JSON it is. Raises whatever else happened: the saga tries again."""
        client = self._client_for(call["task"])
        headers = {"Authorization": f"Bearer {self.token()}"}
        if traceparent:
            headers["traceparent"] = traceparent
        reply = client.post("", headers, msgspec.json.encode(call))
        if reply.status != 200:
            raise TaskFailedError(f"{client.host} answered {reply.status} for {call['task']}")
        try:
            return msgspec.json.decode(reply.body)
        except (ValueError, RecursionError):
            raise TaskFailedError(f"{client.host} answered with no JSON for {call['task']}") from None

    def _client_for(self, task: object) -> HttpClient:
        address = self.addresses.get(str(task))
        if address is None:
            raise TaskFailedError(f"no app performs the task {task}: mend the wiring")
        return self._clients[address]

    @cached_property
    def _clients(self) -> Mapping[str, HttpClient]:
        limits = Limits(read_seconds=self.read_seconds)
        return {address: HttpClient(address, limits) for address in self.addresses.values()}


def longest_timeout(definition: object) -> float:
    """The seconds after which no step of the saga listens any more."""
    return max(_timeouts(definition))


def _timeouts(part: object) -> Iterator[float]:
    if isinstance(part, dict):
        if "timeout_seconds" in part:
            yield part["timeout_seconds"]
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            yield from _timeouts(inner)
