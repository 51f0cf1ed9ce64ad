"""A service of Azure reached by plain HTTP, as the app's own identity, with the attempts that a call deserves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from functions.adapters.attempts import paused
from functions.adapters.azure.clients import PASSING, TIMEOUT_SECONDS, AzureUnavailableError, NoTokenError
from functions.adapters.http.client import HttpClient, Limits, Reply, UnreachableError

ATTEMPTS = 3
FIRST_WAIT_SECONDS = 0.2


class RefusedError(Exception):
    """A service of Azure said no with this status, and will again: to a right that is missing, or to what was sent."""

    def __init__(self, said: str, status: int) -> None:
        super().__init__(said)
        self.status = status


@dataclass(frozen=True)
class Service:
    """`of` is what errors call it, `token` tells one for it."""

    of: str
    address: str
    token: Callable[[], str]
    attempts: int = ATTEMPTS
    pause: Callable[[float], None] = time.sleep

    def post(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return self._ask(lambda authorized: self._client.post(path, authorized, body), headers)

    def put(self, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        return self._ask(lambda authorized: self._client.put(path, authorized, body), headers)

    def refused(self, reply: Reply) -> RefusedError:
        """For an answer that nobody expects, with what Azure says to it."""
        said = f"{self.of} answered {reply.status}: {reply.body[:500].decode(errors='replace')}"
        return RefusedError(said, reply.status)

    def _ask(self, ask: Callable[[Mapping[str, str]], Reply], headers: Mapping[str, str]) -> Reply:
        """Raises AzureUnavailableError when all attempts met what passes by itself; it may have been done by then."""
        met = ""
        for _ in paused(self.pause, self.attempts, first=FIRST_WAIT_SECONDS):
            try:
                reply = ask({**headers, "Authorization": f"Bearer {self.token()}"})
            except (UnreachableError, NoTokenError) as error:
                met = str(error)
                continue
            if reply.status not in PASSING:
                return reply
            met = f"it answered {reply.status}"
        raise AzureUnavailableError(f"{self.of} was too busy or had a fault: {met}")

    @cached_property
    def _client(self) -> HttpClient:
        return HttpClient(self.address, Limits(read_seconds=TIMEOUT_SECONDS / self.attempts))
