"""The API as a shop's front end would call it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import urllib3

from demo.errors import DemoError
from demo.orders import ExampleOrder

OPEN = frozenset({"PLACED", "RESERVED", "PAID"})
LOOK_AGAIN_SECONDS = 0.1


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of an order's timeline; `details` is what the event says of itself."""

    occurred_at: datetime
    type: str
    details: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SeenOrder:
    order_id: str
    status: str
    total_minor: int
    currency: str
    reason: str | None
    timeline: tuple[Entry, ...]

    @property
    def has_ended(self) -> bool:
        return self.status not in OPEN


class Shop:
    """Raises DemoError when the API does not answer or answers with a problem."""

    def __init__(self, api_url: str, token: str) -> None:
        self._api_url = api_url
        self._http = urllib3.PoolManager(
            headers={"Authorization": f"Bearer {token}"}, timeout=urllib3.Timeout(connect=3, read=15), retries=False
        )

    def place(self, order: ExampleOrder) -> str:
        """The id of the order, which is worked on from now on."""
        answer = self._ask("POST", "/orders", expected=202, json=order.body, key=str(uuid.uuid4()))
        return str(answer["order_id"])

    def await_end(self, order_id: str, *, seconds: float) -> SeenOrder:
        """The order once it has ended, or as it is when the time is up."""
        deadline = time.monotonic() + seconds
        while not (order := self.order(order_id)).has_ended and time.monotonic() < deadline:
            time.sleep(LOOK_AGAIN_SECONDS)
        return order

    def order(self, order_id: str) -> SeenOrder:
        answer = self._ask("GET", f"/orders/{order_id}", expected=200)
        return SeenOrder(
            **{name: answer[name] for name in ("order_id", "status", "total_minor", "currency", "reason")},
            timeline=tuple(
                Entry(
                    occurred_at=datetime.fromisoformat(entry["occurred_at"]),
                    type=entry["type"],
                    details=entry["details"],
                )
                for entry in answer["timeline"]
            ),
        )

    def _ask(self, method: str, path: str, *, expected: int, json: object = None, key: str | None = None) -> Any:  # noqa: ANN401 -- JSON
        headers = {**self._http.headers, **({"Idempotency-Key": key} if key else {})}
        try:
            response = self._http.request(method, f"{self._api_url}{path}", json=json, headers=headers)
        except urllib3.exceptions.HTTPError:
            raise DemoError(
                f"nothing answers at {self._api_url}: see what runs with `make refresh`, then `make up`"
            ) from None
        if response.status != expected:
            problem = " ".join(response.data.decode(errors="replace").split())
            raise DemoError(f"{method} {path} was answered with {response.status}: {problem}")
        return response.json()
