"""The REST API: who verifies tokens for it, what it checks and logs, and that no change stays undeployed."""

from __future__ import annotations

from typing import Any

import pulumi
import pytest

from tests.graph import Graph
from tests.unit.components.aws.gateways import ELSEWHERE, OPEN, PROTECTED, gateway, methods_of, usual
from tests.unit.components.aws.policies import allowed

PARTS = (
    "Resource",
    "Method",
    "Integration",
    "MethodResponse",
    "IntegrationResponse",
    "Authorizer",
    "Model",
    "RequestValidator",
    "Response",
)
"""The kinds of things that a deployment is a snapshot of."""
CHANGES: dict[str, dict[str, Any]] = {
    "api": {"minimumCompressionSize": "1024"},
    "resource": {"pathPart": "changed"},
    "method": {"apiKeyRequired": True},
    "integration": {"timeoutMilliseconds": 12_000},
    "method-response": {"responseModels": {"application/json": "Empty"}},
    "integration-response": {"selectionPattern": "changed"},
    "authorizer": {"identityValidationExpression": "changed"},
    "model": {"schema": "{}"},
    "request-validator": {"validateRequestBody": False},
    "gateway-response": {"statusCode": "499"},
}


@pytest.fixture(scope="module")
def rest() -> Graph:
    return usual("rest")


@pytest.fixture(scope="module")
def verified_by_a_function() -> Graph:
    return gateway("rest", token=ELSEWHERE)


def test_a_token_needs_the_routes_own_scope_so_no_id_token_is_taken(rest: Graph) -> None:
    scopes = {
        key: method["authorizationScopes"]
        for key, method in methods_of(rest).items()
        if method["authorization"] == "COGNITO_USER_POOLS"
    }
    assert scopes == {key: [f"orderly/{scope}"] for key, scope in PROTECTED.items()}


def test_what_no_route_takes_is_the_functions_to_refuse(rest: Graph) -> None:
    paths = {key.partition(" ")[2] for key in (*PROTECTED, *OPEN)}
    expected = {*OPEN, *(f"OPTIONS {path}" for path in paths), *(f"ANY {path}" for path in paths)}
    unauthorized = {key for key, method in methods_of(rest).items() if method["authorization"] == "NONE"}
    assert unauthorized == {*expected, "ANY /", "ANY /{proxy+}"}


def test_cognito_verifies_the_tokens_of_our_own_pool(rest: Graph) -> None:
    authorizer = rest.one("apigateway.Authorizer", "api").inputs
    assert authorizer["type"] == "COGNITO_USER_POOLS"
    assert authorizer["providerArns"] == [rest.one("cognito.UserPool", "issuer").state["arn"]]


def test_a_function_verifies_the_tokens_of_a_configured_issuer(verified_by_a_function: Graph) -> None:
    graph = verified_by_a_function
    authorizer = graph.one("apigateway.Authorizer", "api")
    alias = graph.one("lambda.Alias", "api-authorizer")
    assert (authorizer.inputs["type"], authorizer.inputs["authorizerUri"]) == ("TOKEN", alias.state["invokeArn"])
    protected = {key for key, method in methods_of(graph).items() if method["authorization"] == "CUSTOM"}
    assert protected == set(PROTECTED)


def test_the_verifying_function_knows_the_issuer_and_may_do_nothing_but_log(verified_by_a_function: Graph) -> None:
    function = verified_by_a_function.one("lambda.Function", "api-authorizer").inputs
    assert function["environment"]["variables"].items() >= {
        ("ORDERLY_TOKEN_ISSUER", "https://login.example"),
        ("ORDERLY_TOKEN_AUDIENCE", "orders-api"),
        ("ORDERLY_TOKEN_KEYS", "https://login.example/keys.json"),
    }
    actions = {action for each in allowed(verified_by_a_function, "api-authorizer") for action in each["Action"]}
    assert {action.partition(":")[0] for action in actions} == {"logs", "xray"}


def test_the_verifying_function_may_be_called_for_this_authorizer_alone(verified_by_a_function: Graph) -> None:
    graph = verified_by_a_function
    permission = graph.one("lambda.Permission", "api-authorizer").inputs
    api, authorizer = graph.one("apigateway.RestApi", "api"), graph.one("apigateway.Authorizer", "api")
    assert permission["sourceArn"] == (
        f"arn:aws:execute-api:eu-central-1:123456789012:{api.id}/authorizers/{authorizer.id}"
    )
    assert permission["qualifier"] == "live"


def test_a_deployment_waits_for_everything_in_the_api(rest: Graph) -> None:
    """Otherwise it is refused (`No integration defined for method`) or goes live without what came later."""
    parts = {found.urn for kind in PARTS for found in rest.of(f"apigateway.{kind}").values()}
    assert parts <= rest.one("apigateway.Deployment", "api").dependencies


@pytest.mark.parametrize("child", CHANGES)
def test_whatever_changes_is_deployed_anew(child: str, rest: Graph) -> None:
    """An unhashed deployment keeps the API as it first was for ever."""

    def change(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        return pulumi.ResourceTransformResult({**args.props, **CHANGES[child]}, args.opts)

    changed = gateway("rest", transform={child: change})
    assert _triggers(changed) != _triggers(rest)


def test_nothing_is_deployed_anew_without_a_change(rest: Graph) -> None:
    assert _triggers(gateway("rest")) == _triggers(rest)


def test_everything_that_a_deployment_holds_was_changed_once_here(rest: Graph) -> None:
    held = {found.kind for found in rest if found.urn in rest.one("apigateway.Deployment", "api").dependencies}
    assert held == {f"apigateway.{kind}" for kind in (*PARTS, "RestApi")}
    assert len(held) == len(CHANGES)


def _triggers(graph: Graph) -> Any:  # noqa: ANN401 JSON
    return graph.one("apigateway.Deployment", "api").inputs["triggers"]


def test_an_order_is_checked_against_its_model_before_it_is_a_functions_business(rest: Graph) -> None:
    methods = methods_of(rest)
    validator = rest.one("apigateway.RequestValidator", "api")
    assert methods["POST /orders"]["requestModels"] == {"application/json": "PlaceOrderBody"}
    assert methods["POST /orders"]["requestValidatorId"] == validator.id
    assert (validator.inputs["validateRequestBody"], validator.inputs["validateRequestParameters"]) == (True, True)
    assert methods["GET /orders/{order_id}"]["requestParameters"] == {"method.request.path.order_id": True}


def test_the_stage_is_limited_logged_traced_and_shows_no_token(rest: Graph) -> None:
    assert rest.one("apigateway.MethodSettings", "api").inputs["settings"] == {
        "throttlingRateLimit": 20,
        "throttlingBurstLimit": 40,
        "metricsEnabled": True,
        "loggingLevel": "ERROR",
        "dataTraceEnabled": False,
    }
    assert rest.one("apigateway.MethodSettings", "api").inputs["methodPath"] == "*/*"
    assert rest.one("apigateway.Stage", "api").inputs["xrayTracingEnabled"] is True


def test_the_log_of_executions_is_made_under_the_name_that_the_gateway_looks_for(rest: Graph) -> None:
    logs = rest.one("cloudwatch.LogGroup", "api-execution")
    api = rest.one("apigateway.RestApi", "api")
    assert logs.inputs["name"] == f"API-Gateway-Execution-Logs_{api.id}/dev"
    assert logs.urn in rest.one("apigateway.MethodSettings", "api").dependencies


def test_callers_show_keys_and_a_plan_limits_each_where_that_is_wanted(rest: Graph) -> None:
    keyed = gateway("rest", api_keys=True)
    plan = keyed.one("apigateway.UsagePlan", "api").inputs
    assert plan["apiStages"] == [{"apiId": keyed.one("apigateway.RestApi", "api").id, "stage": "dev"}]
    assert plan["throttleSettings"] == {"rateLimit": 20, "burstLimit": 40}
    assert _needing_a_key(keyed) == {
        "api-place-order",
        "api-list-orders",
        "api-list-orders-head",
        "api-show-order",
        "api-show-order-head",
        "api-cancel-order",
    }
    assert (rest.of("apigateway.UsagePlan"), _needing_a_key(rest)) == ({}, set())


def _needing_a_key(graph: Graph) -> set[str]:
    return {name for name, method in graph.of("apigateway.Method").items() if method.inputs.get("apiKeyRequired")}


def test_the_accounts_logging_role_is_left_alone_unless_asked_for(rest: Graph) -> None:
    assert rest.of("apigateway.Account") == {}


def test_a_stage_waits_for_the_accounts_logging_role_if_this_stack_sets_it() -> None:
    """`CloudWatch Logs role ARN must be set in account settings to enable logging`."""
    graph = gateway("rest", manage_api_logging_role=True)
    account = graph.one("apigateway.Account", "api")
    assert account.inputs["cloudwatchRoleArn"] == graph.one("iam.Role", "api-logging").state["arn"]
    assert graph.one("iam.RolePolicy", "api-logging").urn in account.dependencies
    assert account.urn in graph.one("apigateway.Stage", "api").dependencies


def test_only_tls_1_2_and_later_is_spoken_and_only_under_the_apis_own_name(rest: Graph) -> None:
    api = rest.one("apigateway.RestApi", "api").inputs
    assert (api["securityPolicy"], api["endpointAccessMode"]) == ("SecurityPolicy_TLS13_1_2_2021_06", "STRICT")
    assert api["endpointConfiguration"] == {"types": "REGIONAL"}


def test_the_rest_apis_address_has_the_stage_in_its_path(rest: Graph) -> None:
    api = rest.one("apigateway.RestApi", "api")
    assert rest.outputs["url"] == f"https://{api.id}.execute-api.eu-central-1.amazonaws.com/dev"
