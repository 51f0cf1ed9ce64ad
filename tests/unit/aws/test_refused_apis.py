"""APIs that AWS does not make, that answer every call with an error, or whose changes never go live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from tests.unit.aws.programs import after, alias, function, permission, refused

GATEWAY, POOLS = "apigateway.amazonaws.com", "cognito-idp.amazonaws.com"
THROTTLED = aws.apigatewayv2.StageDefaultRouteSettingsArgs(throttling_burst_limit=10, throttling_rate_limit=5)


def test_an_http_api_that_may_call_its_function_in_time_is_taken() -> None:
    assert refused(http()) == []


def test_a_function_slower_than_its_api() -> None:
    assert refused(http(timeout=29)) == []
    assert refused(http(timeout=30)) == ["function_slower_than_its_api"]


def test_an_api_without_a_permission_for_its_function() -> None:
    assert refused(http(source="arn:aws:execute-api:eu-central-1:123456789012:other/*")) == [
        "function_that_its_api_may_not_call"
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"detailed_metrics_enabled": True},
        {"throttling_burst_limit": 10},
        {"throttling_burst_limit": 10, "throttling_rate_limit": 0},
    ],
)
def test_a_stage_that_is_throttled_to_nothing(settings: dict[str, Any]) -> None:
    throttled = aws.apigatewayv2.StageDefaultRouteSettingsArgs(**settings)
    assert refused(http(settings=throttled)) == ["stage_throttled_to_nothing"]


def test_execution_logs_of_an_http_api() -> None:
    logged = aws.apigatewayv2.StageDefaultRouteSettingsArgs(
        throttling_burst_limit=10, throttling_rate_limit=5, logging_level="INFO"
    )
    assert refused(http(settings=logged)) == ["execution_logs_of_an_http_api"]


def test_a_route_with_a_token_and_no_authorizer() -> None:
    assert refused(http(authorization_type="JWT", authorizer_id="abc123")) == []
    assert refused(http(authorization_type="JWT")) == ["route_without_its_authorizer"]
    assert refused(http(authorizer_id="abc123")) == ["route_without_its_authorizer"]
    assert refused(http(authorization_scopes=["orders:read"])) == ["route_without_its_authorizer"]


def test_credentials_for_every_origin() -> None:
    def declare(origin: str) -> None:
        cors = aws.apigatewayv2.ApiCorsConfigurationArgs(allow_origins=[origin], allow_credentials=True)
        aws.apigatewayv2.Api("orders", name="orders", protocol_type="HTTP", cors_configuration=cors)

    assert refused(lambda: declare("https://shop.example")) == []
    assert refused(lambda: declare("*")) == ["credentials_for_every_origin"]


def test_a_deployment_that_does_not_wait_for_its_methods() -> None:
    assert refused(rest()) == []
    assert refused(rest(waits=False)) == ["deployment_before_what_it_deploys"] * 2


def test_a_deployment_that_no_change_triggers() -> None:
    assert refused(rest(triggers=None)) == ["deployment_that_never_changes"]


def test_a_stage_that_does_not_wait_for_the_account_s_logging_role() -> None:
    assert refused(rest(account="first")) == []
    assert refused(rest(account="unordered")) == ["logs_without_the_accounts_role"]


def test_an_authorizer_that_its_api_may_not_call() -> None:
    def declare(service: str) -> None:
        api = aws.apigateway.RestApi("orders", name="orders")
        called = function()
        live = alias(called)
        permission(called, service, api.execution_arn.apply(lambda arn: f"{arn}/authorizers/*"))
        aws.apigateway.Authorizer(
            "orders", name="orders", rest_api=api.id, type="REQUEST", authorizer_uri=live.invoke_arn
        )

    assert refused(lambda: declare(GATEWAY)) == []
    assert refused(lambda: declare(POOLS)) == ["authorizer_that_its_api_may_not_call"]


@pytest.mark.parametrize(
    ("scope", "found"),
    [(None, []), ("orderly/orders:read", ["scope_before_it_is_there"]), ("other/x", ["scope_before_it_is_there"])],
)
def test_a_scope_that_a_client_does_not_wait_for(scope: str | None, found: list[str]) -> None:
    def declare() -> None:
        pool = aws.cognito.UserPool("orders", name="orders")
        read = aws.cognito.ResourceServerScopeArgs(scope_name="orders:read", scope_description="Read orders")
        server = aws.cognito.ResourceServer(
            "orders", name="orders", identifier="orderly", user_pool_id=pool.id, scopes=[read]
        )
        client(pool, scopes=[scope] if scope else server.scope_identifiers)

    assert refused(declare) == found


def test_a_machine_s_client_without_a_secret() -> None:
    def declare(*, secret: bool) -> None:
        client(aws.cognito.UserPool("orders", name="orders"), scopes=[], secret=secret)

    assert refused(lambda: declare(secret=True)) == []
    assert refused(lambda: declare(secret=False)) == ["machine_client_without_a_secret"]


def test_a_trigger_that_its_pool_may_not_call() -> None:
    def declare(service: str) -> None:
        called = function()
        live = alias(called)
        trigger = aws.cognito.UserPoolLambdaConfigPreTokenGenerationConfigArgs(
            lambda_arn=live.arn, lambda_version="V2_0"
        )
        config = aws.cognito.UserPoolLambdaConfigArgs(pre_token_generation_config=trigger)
        pool = aws.cognito.UserPool("orders", name="orders", lambda_config=config)
        permission(called, service, pool.arn)

    assert refused(lambda: declare(POOLS)) == []
    assert refused(lambda: declare(GATEWAY)) == ["trigger_that_its_pool_may_not_call"]


def client(pool: aws.cognito.UserPool, *, scopes: pulumi.Input[Any], secret: bool = True) -> None:
    aws.cognito.UserPoolClient(
        "orders",
        name="orders",
        user_pool_id=pool.id,
        generate_secret=secret,
        allowed_oauth_flows=["client_credentials"],
        allowed_oauth_scopes=scopes,
    )


def http(
    *,
    timeout: int = 10,
    source: str | None = None,
    settings: aws.apigatewayv2.StageDefaultRouteSettingsArgs = THROTTLED,
    **route: Any,  # noqa: ANN401 any argument
) -> Callable[[], None]:
    def declare() -> None:
        api = aws.apigatewayv2.Api("orders", name="orders", protocol_type="HTTP")
        called = function(timeout=timeout)
        live = alias(called)
        permission(called, GATEWAY, source or api.execution_arn.apply(lambda arn: f"{arn}/*/*"))
        integration = aws.apigatewayv2.Integration(
            "orders", api_id=api.id, integration_type="AWS_PROXY", integration_uri=live.invoke_arn
        )
        aws.apigatewayv2.Route(
            "orders",
            api_id=api.id,
            route_key="GET /orders",
            target=integration.id.apply(lambda name: f"integrations/{name}"),
            **route,
        )
        aws.apigatewayv2.Stage("live", name="$default", api_id=api.id, default_route_settings=settings)

    return declare


def rest(*, waits: bool = True, triggers: Any = "digest", account: str | None = None) -> Callable[[], None]:  # noqa: ANN401
    def declare() -> None:
        api = aws.apigateway.RestApi("orders", name="orders")
        at: dict[str, Any] = {"rest_api": api.id, "resource_id": api.root_resource_id, "http_method": "GET"}
        method = aws.apigateway.Method("get", authorization="NONE", **at)
        integration = aws.apigateway.Integration("get", type="MOCK", **at)
        deployment = aws.apigateway.Deployment(
            "orders",
            rest_api=api.id,
            triggers={"redeploy": triggers} if triggers else None,
            opts=after(method, integration) if waits else None,
        )
        logging = [aws.apigateway.Account("orders")] if account else []
        aws.apigateway.Stage(
            "live",
            rest_api=api.id,
            stage_name="live",
            deployment=deployment.id,
            opts=after(*logging) if account == "first" else None,
        )

    return declare
