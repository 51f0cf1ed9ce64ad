"""The API as API Gateway is told of it: Swagger 2.0 with Google's extensions, made from the route table.

It says where requests go, whose tokens pass and which operations need none. Of a body and of scopes the gateway checks
nothing, so neither is described: the function checks both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.gcp._routes import Operation, operations
from functions.api.routes import Parameter

SECURITY = "token"
TITLE = "Orderly"
SAID_OF_A_VALUE = ("type", "enum", "pattern", "minimum", "maximum", "maxLength")
"""What Swagger 2.0 takes of a parameter's JSON Schema."""


@dataclass(frozen=True, kw_only=True)
class Backend:
    """The Cloud Run service that answers: its address, which is also whom the gateway's token is for."""

    url: str
    deadline_seconds: float


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Whose tokens pass, and for whom they have to be issued."""

    issuer: str
    audience: str
    keys_url: str


def openapi2(backend: Backend, tokens: Tokens) -> str:
    """The document: the same bytes for the same API."""
    return json.dumps(_document(backend, tokens), sort_keys=True, separators=(",", ":"))


def _document(backend: Backend, tokens: Tokens) -> dict[str, Any]:
    return {
        "swagger": "2.0",
        "info": {"title": TITLE, "version": "1"},
        "schemes": ["https"],
        "produces": ["application/json", "application/problem+json"],
        "x-google-backend": _backend(backend),
        "securityDefinitions": {SECURITY: _token(tokens)},
        "paths": _paths(),
    }


def _backend(backend: Backend) -> dict[str, Any]:
    """Without an audience the gateway would ask for a token of address and path, which Cloud Run does not take."""
    return {
        "address": backend.url,
        "jwt_audience": backend.url,
        "path_translation": "APPEND_PATH_TO_ADDRESS",
        "deadline": backend.deadline_seconds,
    }


def _token(tokens: Tokens) -> dict[str, Any]:
    return {
        "type": "oauth2",
        "flow": "implicit",
        "authorizationUrl": "",
        "x-google-issuer": tokens.issuer,
        "x-google-jwks_uri": tokens.keys_url,
        "x-google-audiences": tokens.audience,
    }


def _paths() -> Mapping[str, Mapping[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations():
        paths.setdefault(operation.route.path, {})[operation.method.lower()] = _operation(operation)
    return paths


def _operation(operation: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": operation.id,
        "parameters": list(_parameters(operation)),
        "responses": {"default": {"description": "docs/openapi.json says which there are"}},
    }
    return {**said, "security": [{SECURITY: []}]} if operation.scope else said


def _parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    is_asked = operation.method != "OPTIONS"
    for parameter in operation.route.parameters:
        if is_asked or parameter.where == "path":
            yield _parameter(parameter)


def _parameter(parameter: Parameter) -> dict[str, Any]:
    schema = {name: parameter.schema[name] for name in SAID_OF_A_VALUE if name in parameter.schema}
    return {"name": parameter.name, "in": parameter.where, "required": parameter.required, **schema}
