"""The API's description as API Gateway takes it: Swagger 2.0 with Google's extensions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from openapi_spec_validator import OpenAPIV2SpecValidator

Document: TypeAlias = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")


def misfits(document: Document) -> Iterator[str]:
    """Why API Gateway would refuse it, or serve something else than was meant."""
    yield from (error.message for error in OpenAPIV2SpecValidator(dict(document)).iter_errors())
    yield from _same_ids(document)
    yield from _backends(document)
    yield from _tokens(document)
    yield from _preflights(document)


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Path, method and operation."""
    for path, item in document.get("paths", {}).items():
        yield from ((path, method, item[method]) for method in METHODS if method in item)


def _same_ids(document: Document) -> Iterator[str]:
    seen: set[str] = set()
    for path, method, operation in operations(document):
        name = operation.get("operationId")
        if not name:
            yield f"{method} {path} has no operationId"
        elif name in seen:
            yield f"{method} {path} has the operationId {name}, which another has"
        seen.add(str(name))


def _backends(document: Document) -> Iterator[str]:
    """Without an audience of its own the gateway's token is for the address and its path, which Cloud Run refuses."""
    own = [operation["x-google-backend"] for _, _, operation in operations(document) if "x-google-backend" in operation]
    found = [*own, *([document["x-google-backend"]] if "x-google-backend" in document else [])]
    if not found:
        yield "has no x-google-backend"
    for backend in found:
        audience, address = backend.get("jwt_audience", ""), backend.get("address", "")
        if not str(address).startswith("https://"):
            yield f"x-google-backend.address is {address}; it has to be https"
        if not audience or "/" in audience.removeprefix("https://").rstrip("/"):
            yield f"x-google-backend.jwt_audience is {audience or 'missing'}; it has to be a service's address"
        if backend.get("path_translation") != "APPEND_PATH_TO_ADDRESS":
            yield "x-google-backend.path_translation is not APPEND_PATH_TO_ADDRESS: every path would be the same one"
        if not 0 < backend.get("deadline", 0) <= 600:
            yield f"x-google-backend.deadline is {backend.get('deadline', 'missing')}; by default it is 15 s"


def _tokens(document: Document) -> Iterator[str]:
    definitions = document.get("securityDefinitions", {})
    for name, definition in definitions.items():
        for part in ("x-google-issuer", "x-google-jwks_uri", "x-google-audiences"):
            if not definition.get(part):
                yield f"securityDefinitions.{name} has no {part}"
        if not str(definition.get("x-google-jwks_uri", "https://")).startswith("https://"):
            yield f"securityDefinitions.{name}.x-google-jwks_uri has to be https"
    named = chain.from_iterable(
        requirement for _, _, operation in operations(document) for requirement in operation.get("security", ())
    )
    yield from (f"security names {name}, which is not defined" for name in sorted({*named} - definitions.keys()))


def _preflights(document: Document) -> Iterator[str]:
    """The gateway never answers one; asked for a token, a browser cannot."""
    for path, item in document.get("paths", {}).items():
        preflight = item.get("options")
        if preflight is None:
            yield f"{path} takes no OPTIONS, so no browser can call it"
        elif preflight.get("security", document.get("security", [])):
            yield f"OPTIONS {path} asks for a token, which a browser does not send with it"
