"""A FAKE of the workflow's app, our own, for tests: it takes starts, knows them again, and runs nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.azure.loopback_clients import token_for
from tests.azure.serving import Answer, Request, Serving, answer

ACCEPTED, UNAUTHORIZED, NOT_FOUND, CONFLICT = 202, 401, 404, 409
AUDIENCE = "6d3b5f2c-0000-4000-8000-000000000001"
SIGNED = f"Bearer {token_for(f'{AUDIENCE}/.default')}"


class StartsFake(Serving):
    """Entered, it serves on a free port of this machine; `runs` are those that were started, with their data."""

    def __init__(self, on_start: Callable[[str, Mapping[str, Any]], object] = lambda *_: None) -> None:
        self.runs: dict[str, Any] = {}
        self.statuses: list[int | None] = []
        """What the next starts are answered with in the place of being done; None: the line is cut."""
        self.answers_are_lost = False
        """They are done, and then answered so."""
        self.on_start = on_start

    @property
    def address(self) -> str:
        return f"{self.url}/runs"

    def answer_to(self, request: Request) -> Answer | None:
        is_refused, status = bool(self.statuses), self.statuses.pop(0) if self.statuses else ACCEPTED
        if is_refused and not self.answers_are_lost:
            return None if status is None else answer(status)
        started = self._started(request)
        return None if status is None else started if not is_refused else answer(status)

    def _started(self, request: Request) -> Answer:
        if request.headers.get("authorization") != SIGNED:
            return answer(UNAUTHORIZED)
        if (request.method, request.path) != ("POST", "/runs"):
            return answer(NOT_FOUND)
        run = json.loads(request.body)
        if run["run_id"] in self.runs:
            return answer(CONFLICT, {"detail": "there is a run with this id"})
        self.runs[run["run_id"]] = run["data"]
        self.on_start(run["run_id"], run["data"])
        return answer(ACCEPTED, {"run_id": run["run_id"]})
