"""The answers to a browser's preflights, by the gateway alone: no function starts for them."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.aws._rest_parts import Parts
from components.aws._routes import methods_of
from functions.api.cors import ALLOWED_HEADERS, MAX_AGE_SECONDS

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
STATUS = "204"


def preflight(parts: Parts, name: str, path: str, resource: pulumi.Input[str], origins: tuple[str, ...]) -> None:
    """An origin that may not call gets no header that would let its page go on."""
    method = parts.add(
        aws.apigateway.Method(
            name,
            rest_api=parts.api.id,
            resource_id=resource,
            http_method="OPTIONS",
            authorization="NONE",
            opts=parts.child("method"),
        )
    )
    integration = parts.add(
        aws.apigateway.Integration(
            name,
            rest_api=parts.api.id,
            resource_id=resource,
            http_method=method.http_method,
            type="MOCK",
            request_templates={"application/json": f'{{"statusCode": {STATUS}}}'},
            opts=parts.child("integration"),
        )
    )
    _answer(parts, name, integration, _headers(path, origins), _template(origins))


def _answer(
    parts: Parts, name: str, integration: aws.apigateway.Integration, headers: Mapping[str, str], template: str
) -> None:
    response = parts.add(
        aws.apigateway.MethodResponse(
            name,
            rest_api=integration.rest_api,
            resource_id=integration.resource_id,
            http_method=integration.http_method,
            status_code=STATUS,
            response_parameters={_header(header): False for header in (*headers, ALLOW_ORIGIN)},
            opts=parts.child("method-response"),
        )
    )
    parts.add(
        aws.apigateway.IntegrationResponse(
            name,
            rest_api=integration.rest_api,
            resource_id=integration.resource_id,
            http_method=integration.http_method,
            status_code=response.status_code,
            response_parameters={_header(header): f"'{value}'" for header, value in headers.items()},
            response_templates={"application/json": template},
            opts=parts.child("integration-response"),
        )
    )


def _header(name: str) -> str:
    return f"method.response.header.{name}"


def _headers(path: str, origins: tuple[str, ...]) -> Mapping[str, str]:
    return {
        "Access-Control-Allow-Methods": ", ".join(methods_of(path)),
        "Access-Control-Allow-Headers": ", ".join(ALLOWED_HEADERS),
        "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
        **({ALLOW_ORIGIN: "*"} if "*" in origins else {"Vary": "Origin"}),
    }


def _template(origins: tuple[str, ...]) -> str:
    """API Gateway's template language; HTTP/2 writes the names of headers in lower case."""
    if "*" in origins:
        return ""
    is_allowed = " || ".join(f"$origin == '{origin}'" for origin in origins)
    return (
        "#set($sent = $input.params().header)\n"
        "#set($origin = $sent.get('Origin'))\n"
        "#if(!$origin || $origin == '')#set($origin = $sent.get('origin'))#end\n"
        f"#if({is_allowed})\n"
        f"#set($context.responseOverride.header.{ALLOW_ORIGIN} = $origin)\n"
        "#end\n"
    )
