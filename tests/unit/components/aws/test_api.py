"""The HTTP API, and what both kinds of API have alike."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from tests.graph import Graph
from tests.unit.components.aws.gateways import ELSEWHERE, OPEN, PROTECTED, gateway, usual

BOTH = pytest.mark.parametrize("kind", ["http", "rest"])


@pytest.fixture(scope="module")
def http() -> Graph:
    return usual("http")


def _scopes(graph: Graph) -> dict[str, list[str]]:
    return {
        route.inputs["routeKey"]: route.inputs["authorizationScopes"]
        for route in graph.of("apigatewayv2.Route").values()
        if route.inputs["authorizationType"] == "JWT"
    }


def test_a_token_of_our_own_pool_needs_the_routes_own_scope(http: Graph) -> None:
    assert _scopes(http) == {key: [f"orderly/{scope}"] for key, scope in PROTECTED.items()}


def test_a_token_of_another_issuer_has_scopes_without_a_prefix() -> None:
    assert _scopes(gateway("http", token=ELSEWHERE)) == {key: [scope] for key, scope in PROTECTED.items()}


def test_what_no_route_takes_goes_to_the_function_without_an_authorizer(http: Graph) -> None:
    """It answers with a 404 or a 405; a preflight that an authorizer caught would be a 401."""
    unauthorized = {
        route.inputs["routeKey"]: route.inputs["authorizationType"]
        for route in http.of("apigatewayv2.Route").values()
        if route.inputs["authorizationType"] != "JWT"
    }
    assert unauthorized == dict.fromkeys({*OPEN, "$default"}, "NONE")


def test_the_authorizer_believes_our_own_pool_and_its_client(http: Graph) -> None:
    pool, client = http.one("cognito.UserPool", "issuer"), http.one("cognito.UserPoolClient", "issuer")
    authorizer = http.one("apigatewayv2.Authorizer", "api").inputs
    assert authorizer["jwtConfiguration"] == {
        "issuer": f"https://{pool.state['endpoint']}",
        "audiences": [client.id],
    }
    assert authorizer["identitySources"] == ["$request.header.Authorization"]


def test_the_authorizer_believes_a_configured_issuer() -> None:
    authorizer = gateway("http", token=ELSEWHERE).one("apigatewayv2.Authorizer", "api").inputs
    assert authorizer["jwtConfiguration"] == {"issuer": "https://login.example", "audiences": ["orders-api"]}


def test_both_limits_are_given_since_one_alone_makes_the_other_0(http: Graph) -> None:
    settings = http.one("apigatewayv2.Stage", "api").inputs["defaultRouteSettings"]
    assert settings == {"throttlingRateLimit": 20, "throttlingBurstLimit": 40}


def test_the_stage_deploys_by_itself_and_waits_for_every_route(http: Graph) -> None:
    stage = http.one("apigatewayv2.Stage", "api")
    assert (stage.inputs["name"], stage.inputs["autoDeploy"]) == ("$default", True)
    assert {route.urn for route in http.of("apigatewayv2.Route").values()} <= stage.dependencies


def test_the_gateway_answers_browsers_for_the_configured_origins(http: Graph) -> None:
    assert http.one("apigatewayv2.Api", "api").inputs["corsConfiguration"] == {
        "allowOrigins": ["https://shop.example", "https://admin.example"],
        "allowMethods": ["GET", "HEAD", "POST"],
        "allowHeaders": ["Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id", "traceparent"],
        "exposeHeaders": ["Location", "Retry-After", "X-Request-Id"],
        "maxAge": 600,
        "allowCredentials": False,
    }


def test_without_origins_no_browser_is_let_in() -> None:
    assert "corsConfiguration" not in gateway("http", origins=()).one("apigatewayv2.Api", "api").inputs


def test_the_http_apis_address_is_what_it_answers_at(http: Graph) -> None:
    assert (
        http.outputs["url"]
        == f"https://{http.one('apigatewayv2.Api', 'api').id}.execute-api.eu-central-1.amazonaws.com"
    )


@BOTH
def test_the_alias_may_be_called_for_this_api_alone(kind: str) -> None:
    """A permission without the qualifier does not let the gateway call the alias: a 500 for every request."""
    graph = usual(kind)
    (api,) = (*graph.of("apigatewayv2.Api").values(), *graph.of("apigateway.RestApi").values())
    permission = graph.one("lambda.Permission", "api").inputs
    assert permission["sourceArn"] == f"arn:aws:execute-api:eu-central-1:123456789012:{api.id}/*/*"
    assert (permission["qualifier"], permission["principal"]) == ("live", "apigateway.amazonaws.com")


@BOTH
@pytest.mark.parametrize(("seconds", "http_ms", "rest_ms"), [(10, 11_000, 11_000), (29, 30_000, 29_000)])
def test_the_gateway_outwaits_the_function_as_far_as_it_can(
    kind: str, seconds: int, http_ms: int, rest_ms: int
) -> None:
    graph = gateway(kind, timeout=timedelta(seconds=seconds))
    waits = {
        integration.inputs["timeoutMilliseconds"]
        for found in ("apigatewayv2.Integration", "apigateway.Integration")
        for integration in graph.of(found).values()
        if integration.inputs.get("type") != "MOCK"
    }
    assert waits == {http_ms if kind == "http" else rest_ms}


@BOTH
def test_the_access_log_is_json_of_ids_and_outcomes_alone(kind: str) -> None:
    """API Gateway refuses a format without an id; tokens, queries and addresses are nobody's business."""
    graph = usual(kind)
    (stage,) = (*graph.of("apigatewayv2.Stage").values(), *graph.of("apigateway.Stage").values())
    settings = stage.inputs["accessLogSettings"]
    variables = set(json.loads(settings["format"]).values())
    assert {"$context.requestId", "$context.status", "$context.responseLatency"} <= variables
    assert {"$context.integration.requestId", "$context.error.message", "$context.authorizer.error"} <= variables
    assert not [name for name in variables if re.search(r"claims|authorizer\.(?!error)|identity|quer|\.path$", name)]
    assert settings["destinationArn"] == graph.one("cloudwatch.LogGroup", "api-access").state["arn"]


@BOTH
def test_logs_are_kept_as_long_as_the_stage_says(kind: str) -> None:
    groups = gateway(kind, stage="prod").of("cloudwatch.LogGroup")
    assert {name: group.inputs["retentionInDays"] for name, group in groups.items()} == dict.fromkeys(groups, 365)


@pytest.mark.parametrize(
    ("kind", "failures", "dimension"),
    [
        ("http", "AWS/ApiGateway 5xx Sum", "ApiId"),
        ("rest", "AWS/ApiGateway 5XXError Sum", "ApiName"),
    ],
)
def test_failures_and_slowness_are_watched_under_the_names_of_its_kind(
    kind: str, failures: str, dimension: str
) -> None:
    """An alarm on a metric that does not exist is quiet for ever."""
    graph = usual(kind)
    (api,) = (*graph.of("apigatewayv2.Api").values(), *graph.of("apigateway.RestApi").values())
    watched = {alarm["about"]: alarm for alarm in graph.outputs["alarms"]}
    errors, latency = watched["api-errors"], watched["api-latency"]
    assert (errors["metric"], errors["share_of"], errors["threshold"]) == (failures, "Count", 1)
    assert (latency["metric"], latency["threshold"]) == ("AWS/ApiGateway Latency p99", 8_000)
    assert errors["dimensions"] == latency["dimensions"]
    assert errors["dimensions"][dimension] == (api.id if kind == "http" else api.inputs["name"])
    assert errors["dimensions"].get("Stage") == (None if kind == "http" else "dev")
