"""The tree of paths of a REST API and what each of them takes.

What no route takes (another path, another method) goes to the function without an authorizer, which answers as
everywhere with a 404 or a 405; it believes no token that an authorizer has not verified.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import msgspec
import pulumi
import pulumi_aws as aws

from components.aws._gateway import Gateway
from components.aws._rest_authorizer import Authorization
from components.aws._rest_models import JSON, request_models
from components.aws._rest_parts import Parts
from components.aws._rest_preflight import preflight
from components.aws._routes import PATHS, Operation, operations
from functions.api.routes import Route

LONGEST_WAIT = timedelta(seconds=29)
"""Of API Gateway for the function; a longer one is a quota that has to be asked for."""
EVERY_OTHER_PATH = "/{proxy+}"
PLACES = {"path": "path", "query": "querystring", "header": "header"}
"""What API Gateway calls the places of a parameter."""


class Methods:
    def __init__(self, parts: Parts, gateway: Gateway, authorization: Authorization) -> None:
        self._parts, self._gateway, self._authorization = parts, gateway, authorization
        self._validator = self._make_validator()
        self._models = request_models(parts)
        self._resources: dict[str, pulumi.Input[str]] = {"/": parts.api.root_resource_id}
        for operation in operations():
            self._operation(operation)
        for path in ("/", *PATHS, EVERY_OTHER_PATH):
            self._anything_else(path)
        for path in PATHS if gateway.cors_origins else ():
            preflight(parts, self._name("preflight", path), path, self._resource(path), gateway.cors_origins)

    def _make_validator(self) -> aws.apigateway.RequestValidator:
        return self._parts.add(
            aws.apigateway.RequestValidator(
                self._parts.name,
                name=self._parts.name,
                rest_api=self._parts.api.id,
                validate_request_body=True,
                validate_request_parameters=True,
                opts=self._parts.child("request-validator"),
            )
        )

    def _resource(self, path: str) -> pulumi.Input[str]:
        """Made with the paths above it when it is first asked for."""
        if path not in self._resources:
            above, _, part = path.rpartition("/")
            resource = aws.apigateway.Resource(
                self._name("path", path),
                rest_api=self._parts.api.id,
                parent_id=self._resource(above or "/"),
                path_part=part,
                opts=self._parts.child("resource"),
            )
            self._resources[path] = self._parts.add(resource).id
        return self._resources[path]

    def _operation(self, operation: Operation) -> None:
        route, scope = operation.route, operation.route.scope
        method = aws.apigateway.Method(
            f"{self._parts.name}-{operation.name}",
            rest_api=self._parts.api.id,
            resource_id=self._resource(route.path),
            http_method=operation.method,
            authorization=self._authorization.kind if scope else "NONE",
            authorizer_id=self._authorization.authorizer.id if scope else None,
            authorization_scopes=self._authorization.scopes(scope) if scope else None,
            api_key_required=bool(scope) and self._gateway.account.config.api_keys,
            operation_name=operation.name,
            request_validator_id=self._validator.id,
            request_models=self._models_of(route.request),
            request_parameters=_parameters(route),
            opts=self._parts.child("method"),
        )
        self._to_the_function(f"{self._parts.name}-{operation.name}", self._parts.add(method))

    def _models_of(self, type_: type[msgspec.Struct] | None) -> Mapping[str, pulumi.Input[str]] | None:
        """A body of another media type is not looked at here, and gets its 415 from the function."""
        return {JSON: self._models[type_].name} if type_ else None

    def _anything_else(self, path: str) -> None:
        name = self._name("else", path)
        method = aws.apigateway.Method(
            name,
            rest_api=self._parts.api.id,
            resource_id=self._resource(path),
            http_method="ANY",
            authorization="NONE",
            opts=self._parts.child("method"),
        )
        self._to_the_function(name, self._parts.add(method))

    def _to_the_function(self, name: str, method: aws.apigateway.Method) -> None:
        self._parts.add(
            aws.apigateway.Integration(
                name,
                rest_api=self._parts.api.id,
                resource_id=method.resource_id,
                http_method=method.http_method,
                type="AWS_PROXY",
                integration_http_method="POST",
                uri=self._gateway.function.alias.invoke_arn,
                timeout_milliseconds=self._gateway.timeout_ms(LONGEST_WAIT),
                opts=self._parts.child("integration"),
            )
        )

    def _name(self, what: str, path: str) -> str:
        """`api-path-orders-order_id`."""
        return "-".join([self._parts.name, what, *re.findall(r"[\w.]+", path)])


def _parameters(route: Route) -> Mapping[str, bool] | None:
    """By place and name whether it has to be there."""
    return {
        f"method.request.{PLACES[parameter.where]}.{parameter.name}": parameter.required
        for parameter in route.parameters
    } or None
