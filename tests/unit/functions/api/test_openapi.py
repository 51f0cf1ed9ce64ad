"""The document says what the API does, and the copy in docs/ is the one that the code makes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.api.openapi import DOCUMENT, document
from functions.api.routes import ROUTES, Route
from tests.unit.functions.api.shop import ORDER, Client, content

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(document())
    return parsed


def operation(openapi: dict[str, Any], route: Route) -> dict[str, Any]:
    found: dict[str, Any] = openapi["paths"][route.path][route.method.lower()]
    return found


def conforms(openapi: dict[str, Any], schema: str, value: object) -> None:
    """Checks formats and patterns too; references are resolved in the document itself."""
    root = {"$ref": f"#/components/schemas/{schema}", "components": openapi["components"]}
    jsonschema.Draft202012Validator(root, format_checker=jsonschema.FormatChecker()).validate(value)


def test_the_document_is_openapi_3_1(openapi: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(openapi).validate()


def test_the_exported_document_is_current() -> None:
    assert (ROOT / DOCUMENT).read_bytes() == document(), "run python -m functions.api.openapi"


def test_another_process_makes_the_same_bytes() -> None:
    script = "import sys; from functions.api.openapi import document; sys.stdout.buffer.write(document())"
    made = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert made == [document(), document()]


def test_the_api_serves_the_document(client: Client) -> None:
    assert client.get("/openapi.json").body == document()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.handler)
def test_every_route_is_described_with_its_scope_and_answers(openapi: dict[str, Any], route: Route) -> None:
    described = operation(openapi, route)
    assert described["security"] == ([{"token": [route.scope]}] if route.scope else [])
    assert str(route.answer.status.value) in described["responses"]
    for answer in described["responses"].values():
        assert "X-Request-Id" in answer["headers"]


def test_placing_an_order_tells_all_that_can_become_of_it(openapi: dict[str, Any]) -> None:
    described = openapi["paths"]["/orders"]["post"]
    wanted = {"202", "400", "401", "403", "409", "413", "415", "429"}
    assert wanted <= set(described["responses"])
    assert "Location" in described["responses"]["202"]["headers"]
    assert "WWW-Authenticate" in described["responses"]["401"]["headers"]
    assert "Retry-After" in described["responses"]["429"]["headers"]
    assert [parameter["name"] for parameter in described["parameters"]] == ["Idempotency-Key"]
    assert "409" in openapi["paths"]["/orders/{order_id}/cancellation"]["post"]["responses"]


def test_the_example_of_an_order_can_be_placed(openapi: dict[str, Any], client: Client) -> None:
    example = openapi["paths"]["/orders"]["post"]["requestBody"]["content"]["application/json"]["example"]
    conforms(openapi, "PlaceOrderBody", example)
    assert client.place(example).status == 202


def test_answers_are_as_the_document_describes_them(openapi: dict[str, Any], client: Client) -> None:
    receipt = client.place()
    conforms(openapi, "Receipt", content(receipt))
    conforms(openapi, "OrderView", content(client.get(receipt.headers["Location"])))
    conforms(openapi, "OrderPage", content(client.get("/orders")))
    conforms(openapi, "Health", content(client.get("/health")))
    conforms(openapi, "ProblemDocument", content(client.place({**ORDER, "items": []})))
    conforms(openapi, "ProblemDocument", content(client.get("/nowhere")))


def test_what_the_document_refuses_the_api_refuses(openapi: dict[str, Any], client: Client) -> None:
    wrong = {**ORDER, "items": [{"sku": "a b", "quantity": 1, "unit_price_minor": 1}]}
    with pytest.raises(jsonschema.ValidationError):
        conforms(openapi, "PlaceOrderBody", wrong)
    assert client.place(wrong).status == 400


def test_every_failure_has_a_status_that_the_document_describes(openapi: dict[str, Any], client: Client) -> None:
    failures = (
        client.place({}),
        client.place(content_type="text/plain"),
        client.send("POST", "/orders", b" " * 300_000, content_type="application/json"),
        Client(client.shop, claims=None).place(),
        Client(client.shop, claims={"tenant": "acme"}).place(),
    )
    assert [failure.status for failure in failures] == [400, 415, 413, 401, 403]
    assert {str(failure.status) for failure in failures} <= set(openapi["paths"]["/orders"]["post"]["responses"])
