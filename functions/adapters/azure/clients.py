"""The clients of Azure, each imported and made on first use and kept: a function pays for what it uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from functions.domain.errors import RetryableError
from functions.environment import Environment, Variable

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.cosmos import CosmosClient, DatabaseProxy

TIMEOUT_SECONDS = 8.0
"""Of one call with all of its attempts: three of them fit into the 29 s that a request to the API has."""
WRITES_SENT_AGAIN = 2
"""One less, in truth: the client counts the first time in. A write is sent again when its answer is lost, and may then
be refused although it was done: who writes has to expect that."""
PASSING = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses of faults that pass by themselves."""


class AzureUnavailableError(RetryableError):
    """A service of Azure did not answer, or was too busy to, after the attempts that a call has."""

    code = "azure-unavailable"


class NoTokenError(AzureUnavailableError):
    """The app's identity gave no token: what gives them is not there yet, or has a fault, or the identity has."""

    code = "no-token"

    def __init__(self, error: Exception) -> None:
        super().__init__(f"the app's identity gave no token: {type(error).__name__}")


@dataclass(frozen=True)
class Clients:
    """A function's clients, all of which are the app's own identity."""

    environment: Environment

    @cached_property
    def credential(self) -> TokenCredential:
        """Keeps its tokens, and gets new ones in time."""
        from azure.identity import ManagedIdentityCredential

        return ManagedIdentityCredential(client_id=self.environment[Variable.CLIENT_ID])

    def token_for(self, scope: str) -> Callable[[], str]:
        """Tells a token of that scope whenever it is called."""
        return partial(self._token, scope)

    @cached_property
    def cosmos(self) -> CosmosClient:
        """Making it takes one call, and the first use of each container another: the client asks what they are."""
        return self._make_cosmos()

    @property
    def database(self) -> DatabaseProxy:
        return self.cosmos.get_database_client(self.environment[Variable.DATABASE])

    def _make_cosmos(self, **more: Any) -> CosmosClient:  # noqa: ANN401 -- options of the client's
        from azure.cosmos import CosmosClient

        return CosmosClient(
            self.environment[Variable.COSMOS_ENDPOINT],
            self.credential,
            connection_timeout=2,
            read_timeout=TIMEOUT_SECONDS / 2,
            retry_total=2,
            retry_backoff_factor=0.1,
            retry_throttle_total=20,
            retry_throttle_backoff_max=int(TIMEOUT_SECONDS),
            retry_write=WRITES_SENT_AGAIN,
            **more,
        )

    def _token(self, scope: str) -> str:
        from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError

        try:
            return self.credential.get_token(scope).token
        except (ClientAuthenticationError, ServiceRequestError, ServiceResponseError) as error:
            raise NoTokenError(error) from error
