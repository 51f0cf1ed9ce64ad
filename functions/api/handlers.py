"""What each route does, in the order of the route table; a route names its function here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from functions import logs
from functions.api import problems
from functions.api.bodies import (
    ORDER_ID,
    FieldProblem,
    Health,
    PlaceOrderBody,
    Receipt,
    order_page,
    order_view,
)
from functions.api.body import decode
from functions.api.cors import CorsRules
from functions.api.messages import Request, Response
from functions.api.pages import cursor, page_query
from functions.api.problems import ProblemError, invalid
from functions.api.routes import IDEMPOTENCY_KEY, MAX_KEY_CHARACTERS, Match
from functions.api.tokens import Verifier
from functions.domain.events import Event
from functions.domain.order import Order, OrderStatus
from functions.ports import Page, PagePosition


@dataclass(frozen=True, kw_only=True)
class ApiServices:
    """What the API needs; failures come as functions.domain.errors. `verify` None: a gateway verifies every token."""

    place: Callable[[str, PlaceOrderBody, str | None, str], Order]
    """tenant, body, idempotency key, SHA-256 of the body in its canonical form"""
    order: Callable[[str, str], tuple[Order, tuple[Event, ...]]]
    """tenant, order id"""
    page: Callable[[str, OrderStatus | None, int, PagePosition | None], Page]
    """tenant, status, limit, after"""
    cancel: Callable[[str, str], Order]
    """tenant, order id"""
    verify: Verifier | None = None
    cors: CorsRules = field(default_factory=CorsRules)


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that found its route and may use it; `tenant` is empty where the route needs no token."""

    request: Request
    match: Match
    tenant: str
    services: ApiServices

    @property
    def order_id(self) -> str:
        """Raises the same 404 for what is no order id as for an order that is not there."""
        order_id = self.match.values["order_id"]
        if not re.fullmatch(ORDER_ID, order_id):
            raise ProblemError(problems.NOT_FOUND, "no order has this id")
        return order_id


def place_order(call: Call) -> Response:
    key = _idempotency_key(call.request)
    body = decode(call.request.body, PlaceOrderBody)
    # Of the canonical form, so that a client which writes its JSON anew for a second try still sends "the same body".
    digest = hashlib.sha256(msgspec.json.encode(body)).hexdigest()
    order = call.services.place(call.tenant, body, key, digest)
    logs.bind(order_id=order.order_id)
    # As it was taken: the same key gets the same answer, however far the order has come meanwhile.
    return _accepted(order.order_id, OrderStatus.PLACED)


def list_orders(call: Call) -> Response:
    query = page_query(call.request.query)
    page = call.services.page(call.tenant, query.status, query.limit, query.after)
    return _json(200, order_page(page, cursor(page.next)))


def show_order(call: Call) -> Response:
    logs.bind(order_id=call.order_id)
    order, events = call.services.order(call.tenant, call.order_id)
    return _json(200, order_view(order, events))


def cancel_order(call: Call) -> Response:
    logs.bind(order_id=call.order_id)
    order = call.services.cancel(call.tenant, call.order_id)
    return _accepted(order.order_id, order.status)


def health(call: Call) -> Response:
    return _json(200, Health(status="ok"))


def openapi(call: Call) -> Response:
    from functions.api.openapi import document

    return Response(status=200, headers={"Content-Type": "application/json"}, body=document())


HANDLERS: Mapping[str, Callable[[Call], Response]] = {
    handler.__name__: handler for handler in (place_order, list_orders, show_order, cancel_order, health, openapi)
}


def _accepted(order_id: str, status: OrderStatus) -> Response:
    return _json(202, Receipt(order_id=order_id, status=status), {"Location": f"/orders/{order_id}"})


def _json(status: int, body: msgspec.Struct, headers: Mapping[str, str] | None = None) -> Response:
    return Response(
        status=status,
        headers={"Content-Type": "application/json", **(headers or {})},
        body=msgspec.json.encode(body),
    )


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is None or re.fullmatch(IDEMPOTENCY_KEY, key):
        return key
    problem = f"must be 1 to {MAX_KEY_CHARACTERS} visible ASCII characters, got {len(key)} characters"
    raise invalid([FieldProblem(field="Idempotency-Key", problem=problem)])
