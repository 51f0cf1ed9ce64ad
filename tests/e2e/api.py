"""The API as any client sees it: requests, and orders that one waits for."""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import urllib3

ENDS = frozenset({"FULFILLED", "REJECTED", "FAILED", "CANCELLED", "EXPIRED"})
ORDER_SECONDS = 60.0
"""A cold function and three attempts at a payment fit into it on every target."""


@dataclass(frozen=True)
class Api:
    """`other_token` is of another tenant, or None where the tests were given none.

    `gateway` is `http-api` or `rest-api` where one of AWS's stands before the API, `api-gateway` where Google's does,
    `api-management` where Azure's does. An HTTP API and Google's refuse tokens in words of their own, Azure's in ours;
    a REST API refuses a body that does not fit its model, and does not list what is wrong.
    """

    url: str
    token: str
    other_token: str | None
    origin: str
    gateway: str | None = None

    def ask(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        token: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """`token` empty: without one; not given: with ours."""
        bearer = self.token if token is None else token
        complete = {
            **({"Authorization": f"Bearer {bearer}"} if bearer else {}),
            **({"Idempotency-Key": key} if key else {}),
            **(headers or {}),
        }
        with urllib3.PoolManager(timeout=30, retries=False) as http:
            return http.request(method, f"{self.url}{path}", json=json, headers=complete)

    def place(self, **changes: object) -> str:
        answer = self.ask("POST", "/orders", json=order(**changes), key=str(uuid.uuid4()))
        assert answer.status == 202, answer.data
        assert answer.headers["Location"] == f"/orders/{answer.json()['order_id']}"
        return str(answer.json()["order_id"])

    def order(self, order_id: str) -> dict[str, Any]:
        answer = self.ask("GET", f"/orders/{order_id}")
        assert answer.status == 200, answer.data
        found: dict[str, Any] = answer.json()
        return found

    def ended(self, order_id: str) -> dict[str, Any]:
        deadline = time.monotonic() + ORDER_SECONDS
        while (found := self.order(order_id))["status"] not in ENDS:
            assert time.monotonic() < deadline, f"{order_id} is still {found['status']}"
            time.sleep(0.1)
        return found

    def listed(self, wanted: Collection[str], limit: int) -> list[list[dict[str, Any]]]:
        """Pages of orders, newest first, up to that which has the last one wanted.

        An index may show an order a moment after it was placed: until all are there, it is looked for again.
        """
        deadline = time.monotonic() + ORDER_SECONDS
        while not (pages := self._pages(wanted, limit)):
            assert time.monotonic() < deadline, f"not listed: {sorted(wanted)}"
            time.sleep(0.1)
        return pages

    def _pages(self, wanted: Collection[str], limit: int) -> list[list[dict[str, Any]]]:
        """Nothing if the last page was reached without them."""
        pages, missing, cursor = list[list[dict[str, Any]]](), set(wanted), ""
        while missing:
            page = self.ask("GET", f"/orders?limit={limit}{cursor}").json()
            pages.append(page["orders"])
            missing -= {each["order_id"] for each in page["orders"]}
            if missing and page["next_cursor"] is None:
                return []
            cursor = f"&cursor={page['next_cursor']}"
        return pages


def order(**changes: object) -> dict[str, object]:
    return {
        "currency": "EUR",
        "payment_method": "sandbox-approve",
        "items": [{"sku": "TEAPOT-BLUE", "quantity": 1, "unit_price_minor": 3499}],
        **changes,
    }


def events(found: dict[str, Any]) -> list[str]:
    return [entry["type"].removeprefix("order.") for entry in found["timeline"]]
