"""APIs that AWS does not make, that answer every call with an error, or whose changes never go live."""

from __future__ import annotations

from collections.abc import Iterator

from tests.aws.landscape import Landscape
from tests.graph import Resource

LONGEST_CALL_SECONDS = 29
"""docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""
GATEWAY, POOLS = "apigateway.amazonaws.com", "cognito-idp.amazonaws.com"
DEPLOYED = (
    "apigateway.Method",
    "apigateway.Integration",
    "apigateway.MethodResponse",
    "apigateway.IntegrationResponse",
    "apigateway.Response",
    "apigateway.Model",
)
THROTTLES = ("throttlingBurstLimit", "throttlingRateLimit")
TRIGGERS = ("preSignUp", "postConfirmation", "preTokenGeneration", "preAuthentication", "postAuthentication")


def function_slower_than_its_api(land: Landscape) -> Iterator[str]:
    for integration, alias in _integrations(land):
        function = land.function_of(alias.id)
        timeout = function.inputs.get("timeout", 3) if function else 0
        if timeout > LONGEST_CALL_SECONDS:
            yield f"{integration.name}: {alias.name} may take {timeout} s; an API waits {LONGEST_CALL_SECONDS} s"


def function_that_its_api_may_not_call(land: Landscape) -> Iterator[str]:
    """Every call is answered with 500."""
    for integration, alias in _integrations(land):
        api = _api_of(land, integration)
        if api is None or not land.called_by(GATEWAY, alias, source=f"{api.state['executionArn']}/live/GET/orders"):
            yield f"{integration.name}: {GATEWAY} has no permission for {alias.name}"


def authorizer_that_its_api_may_not_call(land: Landscape) -> Iterator[str]:
    for authorizer in land.of("apigateway.Authorizer", "apigatewayv2.Authorizer"):
        alias, api = _alias_in(land, authorizer.inputs.get("authorizerUri", "")), _api_of(land, authorizer)
        source = f"{api.state['executionArn']}/authorizers/{authorizer.id}" if api else ""
        if alias and not land.called_by(GATEWAY, alias, source=source):
            yield f"{authorizer.name}: {GATEWAY} has no permission for {alias.name}"


def stage_throttled_to_nothing(land: Landscape) -> Iterator[str]:
    """Settings without both numbers set them to 0, and every call is answered with 429."""
    for stage in land.of("apigatewayv2.Stage"):
        for settings in (stage.inputs.get("defaultRouteSettings"), *stage.inputs.get("routeSettings", ())):
            if settings is not None and not all(settings.get(name, 0) > 0 for name in THROTTLES):
                yield f"{stage.name}: its route settings need a rate and a burst above 0"


def execution_logs_of_an_http_api(land: Landscape) -> Iterator[str]:
    for stage in land.of("apigatewayv2.Stage"):
        settings = stage.inputs.get("defaultRouteSettings", {})
        if settings.get("loggingLevel", "OFF") != "OFF" or settings.get("dataTraceEnabled"):
            yield f"{stage.name}: execution logs are not supported on protocolType HTTP"


def deployment_that_never_changes(land: Landscape) -> Iterator[str]:
    for deployment in land.of("apigateway.Deployment"):
        if not deployment.inputs.get("triggers"):
            yield f"{deployment.name} has no triggers, so no change of the API goes live"


def deployment_before_what_it_deploys(land: Landscape) -> Iterator[str]:
    """`No integration defined for method`, or an API without what came later."""
    for deployment in land.of("apigateway.Deployment"):
        for part in land.of(*DEPLOYED):
            same = deployment.inputs["restApi"] in (part.inputs.get("restApi"), part.inputs.get("restApiId"))
            if same and not land.graph.comes_after(deployment, part):
                yield f"{deployment.name} does not wait for {part.kind} {part.name}"


def logs_without_the_accounts_role(land: Landscape) -> Iterator[str]:
    """`CloudWatch Logs role ARN must be set in account settings`; an account that is not ours to set has it set."""
    for stage in land.of("apigateway.Stage", "apigateway.MethodSettings"):
        for account in land.of("apigateway.Account"):
            if not land.graph.comes_after(stage, account):
                yield f"{stage.kind} {stage.name} does not wait for the account's logging role"


def route_without_its_authorizer(land: Landscape) -> Iterator[str]:
    for route in land.of("apigatewayv2.Route"):
        asks = route.inputs.get("authorizationType", "NONE")
        if (asks in {"JWT", "CUSTOM"}) != ("authorizerId" in route.inputs):
            yield f"{route.name}: authorization {asks} and its authorizer do not go together"
        if asks != "JWT" and route.inputs.get("authorizationScopes"):
            yield f"{route.name}: only a JWT has scopes"
    for method in land.of("apigateway.Method"):
        asks = method.inputs["authorization"]
        if (asks in {"CUSTOM", "COGNITO_USER_POOLS"}) != ("authorizerId" in method.inputs):
            yield f"{method.name}: authorization {asks} and its authorizer do not go together"


def credentials_for_every_origin(land: Landscape) -> Iterator[str]:
    for api in land.of("apigatewayv2.Api"):
        cors = api.inputs.get("corsConfiguration", {})
        if cors.get("allowCredentials") and "*" in cors.get("allowOrigins", ()):
            yield f"{api.name}: credentials are not allowed for every origin"


def scope_before_it_is_there(land: Landscape) -> Iterator[str]:
    """`ScopeDoesNotExist`: a scope written as a text does not make the client wait for it."""
    servers = list(land.of("cognito.ResourceServer"))
    scopes = {scope: server for server in servers for scope in server.state["scopeIdentifiers"]}
    for client in land.of("cognito.UserPoolClient"):
        for scope in client.inputs.get("allowedOauthScopes", ()):
            server = scopes.get(scope)
            if "/" in scope and server is None:
                yield f"{client.name}: no resource server has the scope {scope}"
            elif server is not None and not land.graph.comes_after(client, server):
                yield f"{client.name} does not wait for {server.name}, which has the scope {scope}"


def machine_client_without_a_secret(land: Landscape) -> Iterator[str]:
    for client in land.of("cognito.UserPoolClient"):
        if "client_credentials" in client.inputs.get("allowedOauthFlows", ()) and not client.inputs.get(
            "generateSecret"
        ):
            yield f"{client.name}: client_credentials need a secret"


def trigger_that_its_pool_may_not_call(land: Landscape) -> Iterator[str]:
    for pool in land.of("cognito.UserPool"):
        config = pool.inputs.get("lambdaConfig", {})
        arns = [config[name] for name in TRIGGERS if name in config]
        arns += [config["preTokenGenerationConfig"]["lambdaArn"]] if "preTokenGenerationConfig" in config else []
        for alias in filter(None, map(land.at, arns)):
            if not land.called_by(POOLS, alias, source=pool.state["arn"]):
                yield f"{pool.name}: {POOLS} has no permission for {alias.name}"


def _integrations(land: Landscape) -> Iterator[tuple[Resource, Resource]]:
    for integration in land.of("apigateway.Integration", "apigatewayv2.Integration"):
        uri = integration.inputs.get("uri") or integration.inputs.get("integrationUri") or ""
        if alias := _alias_in(land, uri):
            yield integration, alias


def _alias_in(land: Landscape, uri: str) -> Resource | None:
    """The alias or function in `arn:aws:apigateway:...:lambda:path/2015-03-31/functions/<arn>/invocations`."""
    return land.at(uri.partition("/functions/")[2].removesuffix("/invocations") or uri)


def _api_of(land: Landscape, part: Resource) -> Resource | None:
    return land.at(part.inputs.get("restApi") or part.inputs.get("apiId"))


RULES = (
    function_slower_than_its_api,
    function_that_its_api_may_not_call,
    authorizer_that_its_api_may_not_call,
    stage_throttled_to_nothing,
    execution_logs_of_an_http_api,
    deployment_that_never_changes,
    deployment_before_what_it_deploys,
    logs_without_the_accounts_role,
    route_without_its_authorizer,
    credentials_for_every_origin,
    scope_before_it_is_there,
    machine_client_without_a_secret,
    trigger_that_its_pool_may_not_call,
)
