"""A shop in memory behind the API, a caller with a token that a gateway has verified, and requests to send."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.api.bodies import PlaceOrderBody
from functions.api.cors import CorsRules
from functions.api.dispatch import ApiServices, dispatch
from functions.api.messages import Request, Response, parse_query
from functions.domain.errors import KeyReusedError, NotFoundError
from functions.domain.events import Event
from functions.domain.order import Line, Order, OrderStatus, place
from functions.ports import Page, PagePosition

NOON = datetime(2026, 1, 2, 12, 0, 0, 123456, tzinfo=UTC)
CLAIMS = {"tenant": "acme", "sub": "ann", "scope": "orders:read orders:write"}
ORDER: dict[str, Any] = {
    "currency": "EUR",
    "items": [{"sku": "TEAPOT", "quantity": 2, "unit_price_minor": 1999}],
    "payment_method": "sandbox-approve",
}


@dataclass
class Shop:
    """Orders by tenant and id; `failure` is raised by every call once it is set."""

    orders: dict[tuple[str, str], tuple[Order, tuple[Event, ...]]] = field(default_factory=dict)
    keys: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    failure: Exception | None = None
    asked: list[tuple[object, ...]] = field(default_factory=list)

    def place(self, tenant: str, body: PlaceOrderBody, key: str | None, body_sha256: str) -> Order:
        self._fail()
        if key is not None and (tenant, key) in self.keys:
            digest, order_id = self.keys[tenant, key]
            if digest != body_sha256:
                raise KeyReusedError(f"idempotency key {key} was used with another body")
            return self.orders[tenant, order_id][0]
        order_id = f"ord_{len(self.orders):026d}"
        lines = tuple(
            Line(sku=item.sku, quantity=item.quantity, unit_price_minor=item.unit_price_minor) for item in body.items
        )
        self.orders[tenant, order_id] = place(
            order_id=order_id,
            tenant=tenant,
            currency=body.currency,
            lines=lines,
            payment_method=body.payment_method,
            now=NOON + timedelta(seconds=len(self.orders)),
        )
        if key is not None:
            self.keys[tenant, key] = (body_sha256, order_id)
        return self.orders[tenant, order_id][0]

    def order(self, tenant: str, order_id: str) -> tuple[Order, tuple[Event, ...]]:
        self._fail()
        try:
            return self.orders[tenant, order_id]
        except KeyError:
            raise NotFoundError(f"there is no order {order_id}") from None

    def page(self, tenant: str, status: OrderStatus | None, limit: int, after: PagePosition | None) -> Page:
        self._fail()
        self.asked.append((tenant, status, limit, after))
        own = [order for (owner, _), (order, _) in self.orders.items() if owner == tenant]
        own = [order for order in own if status in (None, order.status)]
        newest_first = sorted(own, key=lambda order: (order.placed_at, order.order_id), reverse=True)
        rest = [
            order
            for order in newest_first
            if after is None or (order.placed_at, order.order_id) < (after.placed_at, after.order_id)
        ]
        last = rest[limit - 1] if len(rest) > limit else None
        return Page(
            orders=tuple(rest[:limit]),
            next=PagePosition(placed_at=last.placed_at, order_id=last.order_id) if last else None,
        )

    def cancel(self, tenant: str, order_id: str) -> Order:
        order, events = self.order(tenant, order_id)
        cancelled, new = order.cancel(NOON)
        self.orders[tenant, order_id] = (cancelled, events + new)
        return cancelled

    def change(self, order: Order, event: Event) -> None:
        """Put an order after one more event in the place of the one before it."""
        events = self.orders[order.tenant, order.order_id][1]
        self.orders[order.tenant, order.order_id] = (order, (*events, event))

    def services(self, origins: tuple[str, ...] = ()) -> ApiServices:
        return ApiServices(
            place=self.place, order=self.order, page=self.page, cancel=self.cancel, cors=CorsRules(origins)
        )

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


@dataclass
class Client:
    """Sends requests to a shop as the entry points do."""

    shop: Shop
    origins: tuple[str, ...] = ()
    claims: Mapping[str, object] | None = field(default_factory=lambda: CLAIMS)

    def send(
        self,
        method: str,
        target: str,
        body: bytes | dict[str, Any] = b"",
        *,
        trace_id: str | None = None,
        **headers: str,
    ) -> Response:
        """`target` is path and query; header names are written with underscores."""
        path, _, query = target.partition("?")
        request = Request(
            method=method,
            path=path,
            query=parse_query(query),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            body=body if isinstance(body, bytes) else json.dumps(body).encode(),
            claims=self.claims,
            trace_id=trace_id,
        )
        return dispatch(request, self.shop.services(self.origins))

    def get(self, target: str, **headers: str) -> Response:
        return self.send("GET", target, b"", trace_id=None, **headers)

    def place(self, body: bytes | dict[str, Any] | None = None, **headers: str) -> Response:
        sent = {"content_type": "application/json", **headers}
        return self.send("POST", "/orders", ORDER if body is None else body, **sent)


def content(response: Response) -> Any:  # noqa: ANN401 -- JSON of any shape, looked at by asserts
    return json.loads(response.body)


def problem_code(response: Response) -> str:
    """The code at the end of a problem document's type."""
    assert response.headers["Content-Type"] == "application/problem+json"
    return str(content(response)["type"]).removeprefix("urn:orderly:problem:")
