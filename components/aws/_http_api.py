"""An HTTP API: a JWT authorizer with the scopes of each route, CORS, limits and an access log.

What no route takes goes to the function without an authorizer, which answers as everywhere with a 404 or a 405; it
believes no token that the authorizer has not verified. What the gateway itself refuses (401, 403, 429) it says in its
own words, for an HTTP API has no gateway responses.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pulumi
import pulumi_aws as aws

from components.aws._alarms import Metric
from components.aws._gateway import NAMESPACE, Gateway, Measured, log_line
from components.aws._routes import METHODS, Operation, operations
from functions.api.cors import ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS

CHILDREN = ("api", "authorizer", "integration", "route", "access-logs", "stage", "permission")
LONGEST_WAIT = timedelta(seconds=30)
"""Of API Gateway for the function."""
LOG_FOLDER = "/aws/vendedlogs/apigateway"
"""CloudWatch delivers an HTTP API's logs, by a policy that grows with each log group outside of this folder."""
LOG_FIELDS = {
    "requestId": "requestId",
    "time": "requestTime",
    "route": "routeKey",
    "status": "status",
    "responseLatencyMs": "responseLatency",
    "integrationLatencyMs": "integrationLatency",
    "responseBytes": "responseLength",
    "functionRequestId": "integration.requestId",
    "error": "error.message",
    "integrationError": "integrationErrorMessage",
    "authorizerError": "authorizer.error",
}


class HttpApi:
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._api = self._make_api()
        self._target = pulumi.Output.concat("integrations/", self._integration().id)
        self._authorizer = self._make_authorizer()
        self._stage([*self._routes(), self._everything_else()])
        gateway.let_call_the_function(self._api.execution_arn)

    @property
    def address(self) -> pulumi.Output[str]:
        return self._api.api_endpoint

    @property
    def measured(self) -> Measured:
        of = {"ApiId": self._api.id}
        return Measured(
            requests=Metric(namespace=NAMESPACE, name="Count", dimensions=of),
            errors=Metric(namespace=NAMESPACE, name="5xx", dimensions=of),
            latency=Metric(namespace=NAMESPACE, name="Latency", dimensions=of, statistic="p99"),
        )

    def _make_api(self) -> aws.apigatewayv2.Api:
        return aws.apigatewayv2.Api(
            self._gateway.name,
            name=self._gateway.physical_name,
            protocol_type="HTTP",
            cors_configuration=self._cors(),
            opts=self._gateway.child("api"),
        )

    def _cors(self) -> aws.apigatewayv2.ApiCorsConfigurationArgs | None:
        if not self._gateway.cors_origins:
            return None
        return aws.apigatewayv2.ApiCorsConfigurationArgs(
            allow_origins=list(self._gateway.cors_origins),
            allow_methods=list(METHODS),
            allow_headers=list(ALLOWED_HEADERS),
            expose_headers=list(EXPOSED_HEADERS),
            max_age=MAX_AGE_SECONDS,
            allow_credentials=False,
        )

    def _integration(self) -> aws.apigatewayv2.Integration:
        return aws.apigatewayv2.Integration(
            self._gateway.name,
            api_id=self._api.id,
            integration_type="AWS_PROXY",
            integration_method="POST",
            integration_uri=self._gateway.function.alias.invoke_arn,
            payload_format_version="2.0",
            timeout_milliseconds=self._gateway.timeout_ms(LONGEST_WAIT),
            opts=self._gateway.child("integration"),
        )

    def _make_authorizer(self) -> aws.apigatewayv2.Authorizer:
        """API Gateway reads the issuer's discovery document for its keys."""
        tokens = self._gateway.tokens
        return aws.apigatewayv2.Authorizer(
            self._gateway.name,
            name=self._gateway.name,
            api_id=self._api.id,
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=aws.apigatewayv2.AuthorizerJwtConfigurationArgs(
                issuer=tokens.issuer, audiences=[tokens.audience]
            ),
            opts=self._gateway.child("authorizer"),
        )

    def _routes(self) -> Iterator[aws.apigatewayv2.Route]:
        for operation in operations():
            scope = operation.route.scope
            yield self._protected(operation, scope) if scope else self._open(operation.name, _key(operation))

    def _protected(self, operation: Operation, scope: str) -> aws.apigatewayv2.Route:
        return aws.apigatewayv2.Route(
            f"{self._gateway.name}-{operation.name}",
            api_id=self._api.id,
            route_key=_key(operation),
            target=self._target,
            authorization_type="JWT",
            authorizer_id=self._authorizer.id,
            authorization_scopes=[f"{self._gateway.tokens.scope_prefix}{scope}"],
            opts=self._gateway.child("route"),
        )

    def _everything_else(self) -> aws.apigatewayv2.Route:
        return self._open("everything-else", "$default")

    def _open(self, name: str, key: str) -> aws.apigatewayv2.Route:
        return aws.apigatewayv2.Route(
            f"{self._gateway.name}-{name}",
            api_id=self._api.id,
            route_key=key,
            target=self._target,
            authorization_type="NONE",
            opts=self._gateway.child("route"),
        )

    def _stage(self, routes: list[aws.apigatewayv2.Route]) -> None:
        logs = self._gateway.access_logs(LOG_FOLDER)
        aws.apigatewayv2.Stage(
            self._gateway.name,
            name="$default",
            api_id=self._api.id,
            auto_deploy=True,
            # Of the two limits one alone makes the other 0, which refuses every request.
            default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_rate_limit=self._gateway.rate_per_second,
                throttling_burst_limit=self._gateway.burst,
            ),
            access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(
                destination_arn=logs.arn, format=log_line(LOG_FIELDS)
            ),
            opts=self._gateway.child("stage", pulumi.ResourceOptions(depends_on=routes)),
        )


def _key(operation: Operation) -> str:
    return f"{operation.method} {operation.route.path}"
