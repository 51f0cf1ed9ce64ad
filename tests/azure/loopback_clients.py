"""The clients of the functions, led to this machine: who they are is said by tokens that the fakes look at."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport
from azure.cosmos import CosmosClient

from functions.adapters.azure.clients import Clients

AN_HOUR = 3600


class LoopbackCredential:
    """Its tokens say what they were asked for."""

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        (scope,) = scopes
        return AccessToken(token_for(scope), int(time.time()) + AN_HOUR)


def token_for(scope: str) -> str:
    return f"of.{scope}"


class LoopbackTransport(RequestsTransport):  # type: ignore[misc]
    """In the clear, though the client was told of https: it sends a token nowhere else."""

    def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401
        asked = request.url
        request.url = asked.replace("https://127.0.0.1", "http://127.0.0.1", 1)
        try:
            return super().send(request, **options)
        finally:
            request.url = asked  # the client may send the same request again


@dataclass(frozen=True)
class LoopbackClients(Clients):
    @cached_property
    def credential(self) -> LoopbackCredential:
        return LoopbackCredential()

    @cached_property
    def cosmos(self) -> CosmosClient:
        return self._make_cosmos(transport=LoopbackTransport())

    def close(self) -> None:
        """Those that were used."""
        if "cosmos" in vars(self):
            self.cosmos.close()
