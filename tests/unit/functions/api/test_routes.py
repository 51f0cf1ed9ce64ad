"""The table is complete: every route has its function, its scope and its parameters."""

from __future__ import annotations

import re

import pytest

from functions.api.handlers import HANDLERS
from functions.api.messages import MAX_QUERY_FIELDS, parse_query
from functions.api.routes import ROUTES, SCOPES, Route, match


def test_every_route_has_its_function_and_every_function_its_route() -> None:
    assert [route.handler for route in ROUTES] == list(HANDLERS)


def test_no_two_routes_answer_the_same_request() -> None:
    assert len({(route.method, re.sub(r"\{\w+\}", "{}", route.path)) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.handler)
def test_a_route_is_found_by_its_own_path(route: Route) -> None:
    found = match(route.method, route.path.replace("{order_id}", "x"))
    assert found.route is route
    assert tuple(found.values) == route.names("path")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.handler)
def test_a_route_with_orders_in_it_needs_a_known_scope(route: Route) -> None:
    if route.path.startswith("/orders"):
        assert route.scope in SCOPES
        assert (route.scope == "orders:write") == (route.method == "POST")


@pytest.mark.parametrize(
    ("raw", "query"),
    [
        ("", {}),
        ("a=1&a=2&b=", {"a": ("1", "2"), "b": ("",)}),
        ("a=x%20y%26z+w", {"a": ("x y&z w",)}),
        ("a=%ff", {"a": ("\ufffd",)}),
        ("a", {"a": ("",)}),
    ],
)
def test_a_query_is_parsed_as_forms_are(raw: str, query: dict[str, tuple[str, ...]]) -> None:
    assert parse_query(raw) == query


def test_a_query_without_end_is_cut_off() -> None:
    assert len(parse_query("&".join(f"f{number}=1" for number in range(100_000)))) == MAX_QUERY_FIELDS
