"""A FAKE of an Event Grid topic, our own, for tests: it takes batches of CloudEvents, and delivers nothing itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.azure.loopback_clients import token_for
from tests.azure.serving import Answer, Request, Serving, answer

OK, BAD_REQUEST, UNAUTHORIZED, TOO_LARGE = 200, 400, 401, 413
MAX_BYTES = 1024 * 1024
SIGNED = f"Bearer {token_for('https://eventgrid.azure.net/.default')}"
NEEDED = {"id", "source", "specversion", "type"}


class EventGridFake(Serving):
    """Entered, it serves one topic on a free port of this machine; `calls` are the batches that it took.

    `on_taken` is told of each batch before it is answered.
    """

    def __init__(self, on_taken: Callable[[list[dict[str, Any]]], object] = lambda _: None) -> None:
        self._on_taken = on_taken
        self.calls: list[list[dict[str, Any]]] = []
        self.statuses: list[int | None] = []
        """What the next calls are answered with in the place of being done; None: the line is cut."""

    @property
    def endpoint(self) -> str:
        return f"{self.url}/api/events"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for call in self.calls for event in call]

    def answer_to(self, request: Request) -> Answer | None:
        if self.statuses:
            status = self.statuses.pop(0)
            return None if status is None else _refusal(status)
        if request.headers.get("authorization") != SIGNED:
            return _refusal(UNAUTHORIZED)
        if len(request.body) > MAX_BYTES:
            return _refusal(TOO_LARGE)
        if not _is_of_a_batch(request):
            return _refusal(BAD_REQUEST)
        events = json.loads(request.body)
        if not all(event.keys() >= NEEDED and event["specversion"] == "1.0" for event in events):
            return _refusal(BAD_REQUEST)
        self.calls.append(events)
        self._on_taken(events)
        return answer(OK)


def _is_of_a_batch(request: Request) -> bool:
    return (
        (request.method, request.path) == ("POST", "/api/events")
        and request.query.get("api-version") == ["2018-01-01"]
        and request.headers["content-type"].startswith("application/cloudevents-batch+json")
    )


def _refusal(status: int) -> Answer:
    return answer(status, {"error": {"code": str(status), "message": "refused by the fake"}})
