"""Models of request bodies: the schemas of the OpenAPI document in the words of JSON Schema's draft 4.

API Gateway reads no later draft. A keyword that is not named here is refused, so that none is lost in silence.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec
import pulumi_aws as aws

from components.aws._rest_parts import Parts
from components.errors import WiringError
from functions.api.routes import ROUTES

DRAFT = "http://json-schema.org/draft-04/schema#"
JSON = "application/json"
REFERENCE = "#/$defs/"

KEPT = frozenset(
    {
        "additionalProperties",
        "anyOf",
        "description",
        "enum",
        "format",
        "items",
        "maxItems",
        "maxLength",
        "maximum",
        "minItems",
        "minLength",
        "minimum",
        "pattern",
        "properties",
        "required",
        "title",
        "type",
        "uniqueItems",
    }
)
"""They mean in draft 4 what they mean today."""
DROPPED = frozenset({"examples", "default"})
"""They check nothing."""

Schema = Mapping[str, Any]


def request_models(parts: Parts) -> Mapping[type[msgspec.Struct], aws.apigateway.Model]:
    """One for each type that a route reads."""
    types = dict.fromkeys(route.request for route in ROUTES if route.request)
    return {type_: _model(parts, type_) for type_ in types}


def draft_4(type_: type[msgspec.Struct]) -> Schema:
    """Whole, for a model has no components to refer to. WiringError for a keyword without a translation."""
    schema = msgspec.json.schema(type_)
    definitions: Schema = schema.pop("$defs", {})
    return {"$schema": DRAFT, **_translated(schema, definitions)}


def _model(parts: Parts, type_: type[msgspec.Struct]) -> aws.apigateway.Model:
    return parts.add(
        aws.apigateway.Model(
            f"{parts.name}-{type_.__name__}",
            name=type_.__name__,
            rest_api=parts.api.id,
            content_type=JSON,
            schema=json.dumps(draft_4(type_), sort_keys=True),
            opts=parts.child("model"),
        )
    )


def _translated(schema: Schema, definitions: Schema) -> dict[str, Any]:
    if "$ref" in schema:
        return _translated(definitions[schema["$ref"].removeprefix(REFERENCE)], definitions)
    translated: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in KEPT:
            translated[keyword] = _inside(keyword, value, definitions)
        elif keyword not in DROPPED:
            raise WiringError(f"a request model uses {keyword}, which JSON Schema's draft 4 has not: translate it here")
    return translated


def _inside(keyword: str, value: Any, definitions: Schema) -> Any:  # noqa: ANN401 JSON
    """The schemas that a keyword holds."""
    if keyword == "properties":
        return {name: _translated(schema, definitions) for name, schema in value.items()}
    if keyword == "anyOf":
        return [_translated(schema, definitions) for schema in value]
    if keyword in {"items", "additionalProperties"} and isinstance(value, Mapping):
        return _translated(value, definitions)
    return value
