"""The clients of Google Cloud, each imported and made on first use and kept: a function pays for what it uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from google.api_core import exceptions as sdk
from google.auth.exceptions import TransportError

from functions.domain.errors import RetryableError
from functions.environment import Environment, Variable

if TYPE_CHECKING:
    from google.cloud.firestore import Client as Firestore
    from google.cloud.storage import Client as Storage  # type: ignore[import-untyped]
    from google.cloud.workflows.executions import ExecutionsClient
    from google.pubsub_v1 import PublisherClient

TIMEOUT_SECONDS = 8.0
"""Of one call, one query or one transaction, with all of its attempts: less than anybody waits by default, which is
10 s for the API and 30 s for all else. A request that asks for several, while Firestore is slow, may still be cut off.
"""
PUBLISHING_SECONDS = 4.0
"""Of one call of Pub/Sub with all of its attempts. Eventarc waits 10 s for the relay, which may publish an event in
vain and then set it apart.
"""
LAST_ATTEMPT_SECONDS = 1.0
"""So long before a call's time is up its last attempt has begun: a later one would be given all of the time again, by
google.api_core.timeout.
"""

PASSING = (
    sdk.Aborted,
    sdk.BadGateway,
    sdk.Cancelled,
    sdk.GatewayTimeout,
    sdk.InternalServerError,
    sdk.RetryError,
    sdk.ServiceUnavailable,
    sdk.TooManyRequests,
    sdk.Unknown,
    TransportError,
)
"""Faults that pass by themselves; deadlines and exhausted quotas are among them, under HTTP's names."""


class GoogleUnavailableError(RetryableError):
    """A service of Google Cloud did not answer, or was too busy to, after the client's own attempts."""

    code = "google-unavailable"


@contextmanager
def transient_faults(of: str) -> Iterator[None]:
    """Turn what passes by itself into GoogleUnavailableError; anything else stays the error that it is."""
    try:
        yield
    except PASSING as error:
        raise GoogleUnavailableError(f"{of} was too busy or had a fault: {type(error).__name__}") from error


@dataclass(frozen=True)
class Clients:
    """A function's clients, with the credentials that the SDK finds."""

    environment: Environment

    @cached_property
    def firestore(self) -> Firestore:
        """Of the database that the function is linked to: the SDK would take the project's `(default)` one."""
        from google.cloud.firestore import Client

        return Client(project=self.environment[Variable.PROJECT], database=self.environment[Variable.DATABASE])

    @cached_property
    def publisher(self) -> PublisherClient:
        """The generated one: what it was given is published when its call returns, and no thread of its own runs."""
        from google.pubsub_v1 import PublisherClient

        return PublisherClient()

    @cached_property
    def executions(self) -> ExecutionsClient:
        from google.cloud.workflows.executions import ExecutionsClient

        return ExecutionsClient()

    @cached_property
    def storage(self) -> Storage:
        from google.cloud.storage import Client

        return Client(project=self.environment[Variable.PROJECT])
