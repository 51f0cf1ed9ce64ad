"""Stands in, on loopback, for whatever an app speaks to by HTTP: it keeps what it was asked, and answers as told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.azure.serving import Answer, Request, Serving, answer

TOKEN = "a-token"  # noqa: S105 -- of nobody
CLIENT_ID = "00000000-0000-0000-0000-000000000001"


@dataclass
class Loopback(Serving):
    """`answer_as` decides, or hangs up with None. Tokens are told to the app's identity, whatever they are for."""

    answer_as: Callable[[Request], Answer | None]
    asked: list[Request] = field(default_factory=list)
    """For what it was asked, tokens left out."""
    resources: list[str] = field(default_factory=list)
    """What tokens were asked for."""

    @property
    def identity(self) -> Mapping[str, str]:
        """What App Service sets in an app that has an identity: where its tokens are, and the identity's own id."""
        return {
            "IDENTITY_ENDPOINT": f"{self.url}/identity",
            "IDENTITY_HEADER": "a-header",
            "AZURE_CLIENT_ID": CLIENT_ID,
        }

    def answer_to(self, request: Request) -> Answer | None:
        if request.path == "/identity":
            return self._token(request)
        self.asked.append(request)
        return self.answer_as(request)

    def _token(self, request: Request) -> Answer:
        assert (request.headers["x-identity-header"], request.query["client_id"]) == ("a-header", [CLIENT_ID])
        self.resources += request.query["resource"]
        return answer(200, {"access_token": TOKEN, "expires_on": "4102444800", "resource": "r", "token_type": "Bearer"})
