"""The OpenAPI 3.1 document, generated from the routes and the types of their bodies: the same bytes every time.

`python -m functions.api.openapi` writes it to docs/openapi.json.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from functions.api.bodies import MAX_BODY_BYTES, ProblemDocument
from functions.api.problems import CONTENT_TYPE, TOO_MANY_REQUESTS, UNAUTHORIZED, UNAVAILABLE, ProblemType
from functions.api.routes import ROUTES, SCOPES, Answer, Parameter, Route

DOCUMENT = Path("docs/openapi.json")
_REQUEST_ID = {"$ref": "#/components/headers/X-Request-Id"}
_EXAMPLE_ORDER = {
    "currency": "EUR",
    "items": [{"sku": "TEAPOT-BLUE", "quantity": 2, "unit_price_minor": 1999}],
    "payment_method": "sandbox-approve",
}


@cache
def document() -> bytes:
    return json.dumps(_document(), indent=2, sort_keys=True).encode() + b"\n"


def _document() -> dict[str, Any]:
    types = sorted({type_ for route in ROUTES for type_ in _types(route)} | {ProblemDocument}, key=lambda t: t.__name__)
    _, schemas = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Orderly",
            "version": "1",
            "description": "Places, follows and cancels orders. Errors are RFC 9457 problem documents; "
            f"a body has at most {MAX_BODY_BYTES} bytes.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "headers": _headers(), "securitySchemes": _security_schemes()},
    }


def _types(route: Route) -> set[type[msgspec.Struct]]:
    return {type_ for type_ in (route.request, route.answer.type) if type_ is not None}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler,
        "summary": route.summary,
        "parameters": [_parameter(parameter) for parameter in route.parameters],
        "responses": {str(route.answer.status.value): _answer(route.answer), **_problems(route)},
        "security": [{"token": [route.scope]}] if route.scope else [],
    }
    if route.request:
        operation["requestBody"] = {"required": True, "content": _content("application/json", route.request)}
        operation["requestBody"]["content"]["application/json"]["example"] = _EXAMPLE_ORDER
    return operation


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "schema": dict(parameter.schema),
        "description": parameter.description,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    headers: dict[str, Any] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in answer.headers.items()
    }
    return {
        "description": answer.description,
        "headers": {**headers, "X-Request-Id": _REQUEST_ID},
        "content": _content("application/json", answer.type),
    }


def _problems(route: Route) -> dict[str, Any]:
    by_status: dict[str, list[ProblemType]] = {}
    for problem in route.all_problems:
        by_status.setdefault(str(problem.status), []).append(problem)
    return {status: _problem(types) for status, types in by_status.items()}


def _problem(types: list[ProblemType]) -> dict[str, Any]:
    """One response for the problems that share a status."""
    headers = {"X-Request-Id": _REQUEST_ID}
    for name, problems in _HEADERS_OF.items():
        if any(problem in problems for problem in types):
            headers[name] = {"$ref": f"#/components/headers/{name}"}
    content = _content(CONTENT_TYPE, ProblemDocument)
    content[CONTENT_TYPE]["examples"] = {problem.code: {"value": _example(problem)} for problem in types}
    return {"description": "; ".join(problem.title for problem in types), "headers": headers, "content": content}


_HEADERS_OF = {"WWW-Authenticate": (UNAUTHORIZED,), "Retry-After": (TOO_MANY_REQUESTS, UNAVAILABLE)}


def _example(problem: ProblemType) -> dict[str, Any]:
    return {
        "type": problem.uri,
        "title": problem.title,
        "status": problem.status,
        "detail": "what was wrong, and what to do about it",
        "instance": "urn:orderly:request:4bf92f3577b34da6a3ce929d0e0e4736",
    }


def _content(media_type: str, type_: type[msgspec.Struct] | None) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{type_.__name__}"} if type_ else {"type": "object"}
    return {media_type: {"schema": schema}}


def _headers() -> dict[str, Any]:
    return {
        "X-Request-Id": {
            "description": "The caller's X-Request-Id if it has 1 to 128 letters, digits, dots, dashes or underscores; "
            "else the trace's id, else a new one",
            "schema": {"type": "string"},
        },
        "WWW-Authenticate": {"description": "What is wrong with the token, by RFC 6750", "schema": {"type": "string"}},
        "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}},
    }


def _security_schemes() -> dict[str, Any]:
    scopes = "; ".join(f"`{name}`: {meaning}" for name, meaning in sorted(SCOPES.items()))
    return {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": f"ES256 or RS256, with a `tenant` claim and the scopes of the operation. {scopes}",
        }
    }


if __name__ == "__main__":
    DOCUMENT.write_bytes(document())
