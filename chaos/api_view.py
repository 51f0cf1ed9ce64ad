"""The same orders as a client sees them: over HTTP, page by page, each with its timeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import urllib3

from chaos.clients import Accepted
from chaos.errors import ChaosError


def violations(url: str, tokens: Mapping[str, str], accepted: Sequence[Accepted]) -> Iterator[str]:
    """Every order that was answered 202 is shown to its tenant with an end and a whole timeline, and no other is."""
    http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=15))
    for tenant, token in tokens.items():
        listed = _listed(http, url, token)
        ours = {each.order_id for each in accepted if each.planned.tenant == tenant}
        for order_id in sorted(ours - set(listed)):
            yield f"order {order_id} was answered 202, and the list of {tenant} does not have it"
        for order_id in sorted(set(listed) - ours):
            yield f"order {order_id} is in the list of {tenant}, who was not told of it"
        if len(listed) != len(set(listed)):
            yield f"the pages of {tenant} show an order twice"
        for order_id in sorted(ours):
            yield from _of_order(order_id, *_get(http, url, token, f"/orders/{order_id}"))
    http.clear()


def _listed(http: urllib3.PoolManager, url: str, token: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        status, page = _get(http, url, token, f"/orders?limit=100{cursor}")
        if status != 200:
            raise ChaosError(f"the orders cannot be listed: {status}, {page}")
        found += [order["order_id"] for order in page["orders"]]
        if not page.get("next_cursor"):
            return found
        cursor = f"&cursor={page['next_cursor']}"


def _of_order(order_id: str, status: int, order: Mapping[str, Any]) -> Iterator[str]:
    if status != 200:
        yield f"order {order_id} was answered 202, and is now answered with {status}"
        return
    ends = [entry for entry in order["timeline"] if entry["type"] == f"order.{order['status'].lower()}"]
    if len(ends) != 1:
        yield f"order {order_id} is shown as {order['status']}, of which its timeline has {len(ends)}"
    versions = [entry["version"] for entry in order["timeline"]]
    if versions != list(range(1, len(versions) + 1)):
        yield f"order {order_id} is shown with events {versions}"


def _get(http: urllib3.PoolManager, url: str, token: str, path: str) -> tuple[int, Any]:
    response = http.request("GET", url + path, headers={"Authorization": f"Bearer {token}"})
    return response.status, response.json()
