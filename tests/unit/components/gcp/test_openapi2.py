"""What API Gateway is told of the API: every route, whose tokens pass, and where it goes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.gcp._openapi2 import Backend, Tokens, openapi2
from functions.api.routes import ROUTES, Route
from tests.gcp import openapi2 as validity

URL = "https://api-abc.a.run.app"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_written())
    return found


def _written() -> str:
    tokens = Tokens(issuer="https://login.example", audience="orders", keys_url="https://login.example/jwks")
    return openapi2(Backend(url=URL, deadline_seconds=11.0), tokens)


def test_api_gateway_would_take_it(document: dict[str, Any]) -> None:
    assert list(validity.misfits(document)) == []


def test_it_is_the_same_bytes_every_time() -> None:
    """A configuration cannot change, so other bytes would be another configuration at every `up`."""
    assert _written() == _written()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.handler)
def test_every_route_is_there_with_what_comes_with_it(document: dict[str, Any], route: Route) -> None:
    item = document["paths"][route.path]
    assert item[route.method.lower()]["operationId"] == route.handler
    assert "options" in item
    assert ("head" in item) is (any(each.method == "GET" and each.path == route.path for each in ROUTES))


def test_there_is_no_path_but_the_routes(document: dict[str, Any]) -> None:
    assert document["paths"].keys() == {route.path for route in ROUTES}


def test_a_token_is_asked_for_exactly_where_a_route_has_a_scope(document: dict[str, Any]) -> None:
    asked = {
        (path, method)
        for path, method, operation in validity.operations(document)
        if operation.get("security") == [{"token": []}]
    }
    scoped = {(route.path, route.method.lower()) for route in ROUTES if route.scope}
    heads = {(path, "head") for path, method in scoped if method == "get"}
    assert asked == scoped | heads


def test_whose_tokens_pass_is_the_issuers_alone(document: dict[str, Any]) -> None:
    (token,) = document["securityDefinitions"].values()
    said = (token["x-google-issuer"], token["x-google-jwks_uri"], token["x-google-audiences"])
    assert said == ("https://login.example", "https://login.example/jwks", "orders")


def test_the_gateways_own_token_is_for_the_service_and_no_path_of_it(document: dict[str, Any]) -> None:
    backend = document["x-google-backend"]
    assert (backend["address"], backend["jwt_audience"], backend["deadline"]) == (URL, URL, 11.0)
    assert backend["path_translation"] == "APPEND_PATH_TO_ADDRESS"


def test_every_value_in_a_path_is_declared(document: dict[str, Any]) -> None:
    for path, _, operation in validity.operations(document):
        declared = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
        assert declared == {part.strip("{}") for part in path.split("/") if part.startswith("{")}
