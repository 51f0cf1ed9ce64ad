"""The rules of Google's discovery documents, as its Python client brings them, for the inputs of a resource.

An input is matched with the property of the schema that it becomes by its name, without regard to case and plural, all
the way down; where the provider's name differs, tests/gcp/requests.py says so. An input that matches none has no rule
from here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from pulumi.runtime.rpc import UNKNOWN

from tests.gcp.requests import REQUESTS, Request
from tests.sdk import Problem

Schema: TypeAlias = Mapping[str, Any]
DURATION = re.compile(r"-?\d+(\.\d{1,9})?s")


def misfits(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the request would be refused for: enums, durations and kinds of values."""
    for request in REQUESTS[type_token]:
        yield from _of_structure(request, _named(request.document, request.schema), inputs, "")


def bare_misfits(document: str, schema: str, value: Mapping[str, Any]) -> Iterator[Problem]:
    """Of JSON in Google's own words: a property that the schema does not have is one, too."""
    request = Request(document=document, schema=schema)
    yield from _of_structure(request, _named(document, schema), value, "", is_bare=True)


def _of_structure(
    request: Request, schema: Schema, values: Mapping[str, Any], path: str, *, is_bare: bool = False
) -> Iterator[Problem]:
    properties = {_spelling(name): found for name, found in schema.get("properties", {}).items()}
    for name, value in values.items():
        at = f"{path}{name}"
        found = properties.get(_spelling(request.renamed.get(re.sub(r"\[\d+\]", "", at), name)))
        if found is not None:
            yield from _of_value(request, found, value, at, is_bare=is_bare)
        elif is_bare:
            yield Problem(path=at, what=f"is no field of {schema.get('id', 'this')}")


def _of_value(
    request: Request,
    schema: Schema,
    value: Any,  # noqa: ANN401 JSON
    path: str,
    *,
    is_bare: bool,
) -> Iterator[Problem]:
    if value == UNKNOWN or value is None:
        return
    if "$ref" in schema:
        yield from _of_value(request, _named(request.document, schema["$ref"]), value, path, is_bare=is_bare)
    elif schema.get("type") == "object" and isinstance(value, Mapping) and "properties" in schema:
        yield from _of_structure(request, schema, value, f"{path}.", is_bare=is_bare)
    elif schema.get("type") == "array" and isinstance(value, Sequence) and not isinstance(value, str):
        for index, part in enumerate(value):
            yield from _of_value(request, schema["items"], part, f"{path}[{index}]", is_bare=is_bare)
    elif isinstance(value, str):
        yield from _of_text(schema, value, path)


def _of_text(schema: Schema, value: str, path: str) -> Iterator[Problem]:
    if "enum" in schema and value not in schema["enum"]:
        yield Problem(path=path, what=f"is not one of {', '.join(schema['enum'])}")
    if schema.get("format") == "google-duration" and not DURATION.fullmatch(value):
        yield Problem(path=path, what="is not a number of seconds, as in 3.5s")


def _spelling(name: str) -> str:
    """The provider writes `conditions` for conditions, `schemas` for schema and `ackDeadlineSeconds` as Google does."""
    return name.lower().removesuffix("s")


@cache
def _named(document: str, schema: str) -> Schema:
    """A schema by its name, or by the path of a property in one."""
    name, *path = schema.split(".")
    found: Schema = _schemas(document)[name]
    for step in path:
        found = found["properties"][step]
    return found


@cache
def _schemas(document: str) -> Mapping[str, Schema]:
    folder = files("googleapiclient") / "discovery_cache" / "documents"
    found: Mapping[str, Schema] = json.loads((folder / f"{document}.json").read_text(encoding="utf-8"))["schemas"]
    return found
