"""The HTTP contract as one table: gateways, the OpenAPI document and the run-time dispatch all read it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus

import msgspec

from functions.api import problems
from functions.api.bodies import ORDER_ID, Health, OrderPage, OrderView, PlaceOrderBody, Receipt
from functions.api.problems import ProblemError, ProblemType
from functions.domain.order import OrderStatus

READ = "orders:read"
WRITE = "orders:write"
SCOPES: Mapping[str, str] = {
    READ: "Read the orders of the token's tenant",
    WRITE: "Place and cancel orders for the token's tenant",
}

DEFAULT_PAGE = 20
MAX_PAGE = 100
CURSOR = "^[A-Za-z0-9_-]{1,200}$"
MAX_KEY_CHARACTERS = 255
IDEMPOTENCY_KEY = rf"^[!-~]{{1,{MAX_KEY_CHARACTERS}}}$"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A value outside of the body; `where` is path, query or header, `schema` is JSON Schema."""

    name: str
    where: str
    schema: Mapping[str, object]
    description: str

    @property
    def required(self) -> bool:
        return self.where == "path"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A success; `type` None is JSON without a fixed shape."""

    status: HTTPStatus
    description: str
    type: type[msgspec.Struct] | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Route:
    """`scope` None: no token needed. `request` None: a body is not read. `handler` names a function of handlers.py."""

    method: str
    path: str
    handler: str
    summary: str
    answer: Answer
    scope: str | None = None
    request: type[msgspec.Struct] | None = None
    parameters: tuple[Parameter, ...] = ()
    problems: tuple[ProblemType, ...] = ()

    @property
    def all_problems(self) -> tuple[ProblemType, ...]:
        """Its own problems and those that each route shares, by status."""
        shared = [problems.BODY_TOO_LARGE, problems.TOO_MANY_REQUESTS, problems.INTERNAL, problems.UNAVAILABLE]
        if self.scope:
            shared += [problems.UNAUTHORIZED, problems.INSUFFICIENT_SCOPE]
        if self.request:
            shared += [problems.INVALID_REQUEST, problems.UNSUPPORTED_MEDIA_TYPE]
        return tuple(sorted({*self.problems, *shared}, key=lambda problem: (problem.status, problem.code)))

    def names(self, where: str) -> tuple[str, ...]:
        """Its parameters in one place."""
        return tuple(parameter.name for parameter in self.parameters if parameter.where == where)


_ORDER_ID = Parameter(
    name="order_id",
    where="path",
    schema={"type": "string", "pattern": ORDER_ID, "examples": ["ord_01J9ZQ4Y7M3X5N8K2B6C1D0EFG"]},
    description="The order's id, as its receipt gave it",
)
_IDEMPOTENCY_KEY = Parameter(
    name="Idempotency-Key",
    where="header",
    schema={"type": "string", "pattern": IDEMPOTENCY_KEY, "examples": ["5f0c2a54-order-1"]},
    description="Makes it safe to send an order again: the same key and body give the same order, another body a 409",
)
_STATUS = Parameter(
    name="status",
    where="query",
    schema={"type": "string", "enum": sorted(OrderStatus)},
    description="Only the orders that are in this status",
)
_LIMIT = Parameter(
    name="limit",
    where="query",
    schema={"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": DEFAULT_PAGE},
    description="How many orders a page has at most",
)
_CURSOR = Parameter(
    name="cursor",
    where="query",
    schema={"type": "string", "pattern": CURSOR},
    description="The `next_cursor` of the page before; pages stay in step while orders are added",
)

ROUTES: tuple[Route, ...] = (
    Route(
        method="POST",
        path="/orders",
        handler="place_order",
        summary="Place an order",
        scope=WRITE,
        request=PlaceOrderBody,
        parameters=(_IDEMPOTENCY_KEY,),
        answer=Answer(
            status=HTTPStatus.ACCEPTED,
            description="The order was taken and is being worked on",
            type=Receipt,
            headers={"Location": "The order's path"},
        ),
        problems=(problems.KEY_REUSED,),
    ),
    Route(
        method="GET",
        path="/orders",
        handler="list_orders",
        summary="List the tenant's orders, newest first",
        scope=READ,
        parameters=(_STATUS, _LIMIT, _CURSOR),
        answer=Answer(status=HTTPStatus.OK, description="A page of orders", type=OrderPage),
        problems=(problems.INVALID_REQUEST,),
    ),
    Route(
        method="GET",
        path="/orders/{order_id}",
        handler="show_order",
        summary="Show an order and all that happened to it",
        scope=READ,
        parameters=(_ORDER_ID,),
        answer=Answer(status=HTTPStatus.OK, description="The order and its timeline", type=OrderView),
        problems=(problems.NOT_FOUND,),
    ),
    Route(
        method="POST",
        path="/orders/{order_id}/cancellation",
        handler="cancel_order",
        summary="Cancel an order while its payment has not begun",
        scope=WRITE,
        parameters=(_ORDER_ID,),
        answer=Answer(
            status=HTTPStatus.ACCEPTED,
            description="The order is cancelled; what was reserved for it is being given back",
            type=Receipt,
            headers={"Location": "The order's path"},
        ),
        problems=(problems.NOT_FOUND, problems.NOT_CANCELLABLE),
    ),
    Route(
        method="GET",
        path="/health",
        handler="health",
        summary="Tell whether the API answers",
        answer=Answer(status=HTTPStatus.OK, description="It does", type=Health),
    ),
    Route(
        method="GET",
        path="/openapi.json",
        handler="openapi",
        summary="This document",
        answer=Answer(status=HTTPStatus.OK, description="An OpenAPI 3.1 document", type=None),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Match:
    """The route of a request and the values in its path."""

    route: Route
    values: Mapping[str, str]


def match(method: str, path: str) -> Match:
    """The route for a request; HEAD is answered as GET. Raises a 404, or a 405 that names the methods of the path."""
    wanted = "GET" if method == "HEAD" else method
    found = [(route, values) for route in ROUTES if (values := _values(route, path)) is not None]
    for route, values in found:
        if route.method == wanted:
            return Match(route=route, values=values)
    if not found:
        raise ProblemError(problems.NOT_FOUND, "no route has this path; GET /openapi.json lists them")
    allowed = allowed_methods(path)
    raise ProblemError(
        problems.METHOD_NOT_ALLOWED,
        f"this path takes {', '.join(allowed)}",
        headers={"Allow": ", ".join(allowed)},
    )


def allowed_methods(path: str) -> tuple[str, ...]:
    """What the path takes, with the HEAD and OPTIONS that come with it; empty for an unknown path."""
    methods = {route.method for route in ROUTES if _values(route, path) is not None}
    if not methods:
        return ()
    return tuple(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))


def _values(route: Route, path: str) -> Mapping[str, str] | None:
    found = _pattern(route.path).fullmatch(path)
    return found.groupdict() if found else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """`/orders/{order_id}` as an expression; a value is one segment of the path."""
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template)))
